package dev.peerdiscovery.proto;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.HexFormat;

/** A real Ed25519 key that is the same in each run. */
record TestKey(String seed) implements MessageSigner {
  PrivateKey privateKey() {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePrivate(
              new EdECPrivateKeySpec(NamedParameterSpec.ED25519, HexFormat.of().parseHex(seed)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  NodeId id() {
    return new PublicKey(publicKey()).id();
  }

  @Override
  public Bytes publicKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(
          NamedParameterSpec.ED25519,
          new SecureRandom() {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] bytes) {
              System.arraycopy(HexFormat.of().parseHex(seed), 0, bytes, 0, bytes.length);
            }
          });
      byte[] x509 = generator.generateKeyPair().getPublic().getEncoded();
      return Bytes.copyOf(x509, x509.length - 32, x509.length);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Bytes sign(Bytes message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(privateKey());
      signature.update(message.toArray());
      return Bytes.copyOf(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
