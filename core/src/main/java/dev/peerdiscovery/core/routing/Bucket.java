package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * One k-bucket: at most k contacts with what is known of their health, and at most k replacements
 * that wait for a place. State lies in parallel arrays instead of an object per contact, because a
 * simulation holds a hundred million contacts.
 */
final class Bucket {
  private static final Contact[] NONE = {};

  private final int k;

  /** Never written to once it is shared with a view; a change makes a new array. */
  private Contact[] contacts = NONE;

  // The arrays below are parallel to the contacts and may be longer.

  /** When each last answered a call of ours. */
  private long[] answeredNanos = {};

  /** When each last missed a call; meaningful only where {@link #failures} is not 0. */
  private long[] failedNanos = {};

  /** Calls in a row that came to nothing. */
  private byte[] failures = {};

  /** Smoothed round trip and its mean deviation (RFC 6298); 0 = not known yet. */
  private int[] rttMicros = {};

  private int[] deviationMicros = {};

  /** Unverified records that would have a place if there were one, last heard of first. */
  private final Deque<SignedPeerRecord> replacements = new ArrayDeque<>(0);

  Bucket(int k) {
    this.k = k;
  }

  int size() {
    return contacts.length;
  }

  boolean isFull() {
    return contacts.length >= k;
  }

  int indexOf(NodeId id) {
    for (int i = 0; i < contacts.length; i++) {
      if (contacts[i].id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  Contact contact(int index) {
    return contacts[index];
  }

  int failures(int index) {
    return failures[index];
  }

  long answeredNanos(int index) {
    return answeredNanos[index];
  }

  long failedNanos(int index) {
    return failedNanos[index];
  }

  int rttMicros(int index) {
    return rttMicros[index];
  }

  int deviationMicros(int index) {
    return deviationMicros[index];
  }

  /** The contacts that may be handed out: those whose last call was answered. */
  Contact[] healthy() {
    int suspects = suspects();
    if (suspects == 0) {
      return contacts;
    }
    Contact[] healthy = new Contact[contacts.length - suspects];
    int size = 0;
    for (int i = 0; i < contacts.length; i++) {
      if (failures[i] == 0) {
        healthy[size++] = contacts[i];
      }
    }
    return healthy;
  }

  int suspects() {
    int suspects = 0;
    for (int i = 0; i < contacts.length; i++) {
      suspects += failures[i] > 0 ? 1 : 0;
    }
    return suspects;
  }

  void add(Contact contact, long now) {
    int size = contacts.length;
    if (size == answeredNanos.length) {
      grow(Math.min(k, Math.max(4, 2 * size)));
    }
    contacts = Arrays.copyOf(contacts, size + 1);
    contacts[size] = contact;
    answeredNanos[size] = now;
    failures[size] = 0;
    rttMicros[size] = 0;
    replacements.removeIf(parked -> parked.id().equals(contact.id()));
  }

  private void grow(int capacity) {
    answeredNanos = Arrays.copyOf(answeredNanos, capacity);
    failedNanos = Arrays.copyOf(failedNanos, capacity);
    failures = Arrays.copyOf(failures, capacity);
    rttMicros = Arrays.copyOf(rttMicros, capacity);
    deviationMicros = Arrays.copyOf(deviationMicros, capacity);
  }

  void replace(int index, Contact contact) {
    contacts = contacts.clone();
    contacts[index] = contact;
  }

  /** The last contact takes the place of the one that goes: order means nothing in a bucket. */
  void remove(int index) {
    int last = contacts.length - 1;
    Contact moved = contacts[last];
    contacts = Arrays.copyOf(contacts, last);
    if (index < last) {
      contacts[index] = moved;
      answeredNanos[index] = answeredNanos[last];
      failedNanos[index] = failedNanos[last];
      failures[index] = failures[last];
      rttMicros[index] = rttMicros[last];
      deviationMicros[index] = deviationMicros[last];
    }
  }

  void seen(int index, long now) {
    answeredNanos[index] = now;
  }

  void answered(int index, int sampleMicros, long now) {
    answeredNanos[index] = now;
    if (rttMicros[index] == 0) {
      rttMicros[index] = sampleMicros;
      deviationMicros[index] = sampleMicros / 2;
    } else {
      deviationMicros[index] =
          RoundTrips.deviation(deviationMicros[index], rttMicros[index], sampleMicros);
      rttMicros[index] = RoundTrips.mean(rttMicros[index], sampleMicros);
    }
  }

  int failed(int index, long now) {
    failedNanos[index] = now;
    if (failures[index] < Byte.MAX_VALUE) {
      failures[index]++;
    }
    return failures[index];
  }

  void forgive(int index) {
    failures[index] = 0;
  }

  /**
   * Keeps a record for when there is a place; the one heard of longest ago falls out when there are
   * k. Of one peer it keeps the newest record, in whatever order they come.
   */
  void park(SignedPeerRecord record) {
    SignedPeerRecord newest = record;
    for (Iterator<SignedPeerRecord> each = replacements.iterator(); each.hasNext(); ) {
      SignedPeerRecord parked = each.next();
      if (parked.id().equals(record.id())) {
        newest = parked.content().supersedes(record.content()) ? parked : record;
        each.remove();
      }
    }
    if (replacements.size() >= k) {
      replacements.removeLast();
    }
    replacements.addFirst(newest);
  }

  Optional<SignedPeerRecord> takeReplacement() {
    return Optional.ofNullable(replacements.pollFirst());
  }

  int replacements() {
    return replacements.size();
  }
}
