/**
 * Networks of containers that are really broken: {@link dev.peerdiscovery.tests.containers.Cluster}
 * starts them, and the scenarios kill, cut, pause, slow down and restart what it started.
 */
@org.jspecify.annotations.NullMarked
package dev.peerdiscovery.tests.containers;
