#!/usr/bin/env bash
# grpc-java: a channel target with an IPv6 address in its query, as a resolver of one's own may take it, has to
# have the brackets escaped; in the authority they are taken as they are.
#
# Tried: grpc-netty-shaded 1.85.1, JDK 17. Seen:
#   dns://[::1]:53/orders is taken
#   dns:///orders?via=[::1]:53 is refused
#   dns:///orders?via=%5B::1%5D:53 is taken
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>brackets-in-a-target</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.grpc</groupId>
      <artifactId>grpc-netty-shaded</artifactId>
      <version>1.85.1</version>
    </dependency>
    <dependency>
      <groupId>io.grpc</groupId>
      <artifactId>grpc-stub</artifactId>
      <version>1.85.1</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B -ntp -f "$dir/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies "-DoutputDirectory=$dir/lib" >&2
cat >"$dir/Finding.java" <<'JAVA'
import io.grpc.*;
import io.grpc.netty.shaded.io.grpc.netty.*;
import io.grpc.stub.*;
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;

public class Finding {
  public static void main(String[] args) {
    for (String target :
        List.of("dns://[::1]:53/orders", "dns:///orders?via=[::1]:53", "dns:///orders?via=%5B::1%5D:53")) {
      NameResolverProvider provider =
          new NameResolverProvider() {
            public NameResolver newNameResolver(URI uri, NameResolver.Args of) {
              return new NameResolver() {
                public String getServiceAuthority() {
                  return "orders";
                }

                public void shutdown() {}
              };
            }

            public String getDefaultScheme() {
              return "dns";
            }

            protected boolean isAvailable() {
              return true;
            }

            protected int priority() {
              return 9;
            }
          };
      NameResolverRegistry.getDefaultRegistry().register(provider);
      String outcome;
      try {
        NettyChannelBuilder.forTarget(target).usePlaintext().build().shutdownNow();
        outcome = "taken";
      } catch (IllegalArgumentException e) {
        outcome = "refused";
      }
      System.out.println(target + " is " + outcome);
    }
    System.exit(0);
  }
}
JAVA
seen=$(java -cp "$dir/lib/*" "$dir/Finding.java" 2>/dev/null)
echo "$seen"
[ "$seen" = "dns://[::1]:53/orders is taken
dns:///orders?via=[::1]:53 is refused
dns:///orders?via=%5B::1%5D:53 is taken" ] || { echo "this is no longer what happens" >&2; exit 1; }
