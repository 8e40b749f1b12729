package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The manifests for Kubernetes, held against its model field by field, and against the node. */
class ManifestTest {
  private static final Path MANIFESTS =
      Path.of("").toAbsolutePath().getParent().resolve("deploy/kubernetes");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int PEERS = 7400;
  private static final int API = 7401;
  private static final String READY = "peerdiscovery.peer.v1.PeerService";

  private static Object yaml(Path file) throws IOException {
    return new Yaml().load(Files.readString(file));
  }

  /** The file as Kubernetes has it; every key of the file must be a field of that. */
  private static <T> T read(String file, Class<T> type) throws IOException {
    Object written = yaml(MANIFESTS.resolve(file));
    T model = MAPPER.convertValue(written, type);
    assertSubset(file, written, MAPPER.convertValue(model, Object.class), model);
    return model;
  }

  /**
   * Whatever is written comes back, so that nothing is of a wrong type; and nothing in the model is
   * among its additional properties, which is where misspelt fields go.
   */
  private static void assertSubset(String at, Object written, Object read, Object model) {
    assertThat(misspelt(model)).as("fields that Kubernetes does not know in " + at).isEmpty();
    assertThat(read).as(at).isNotNull();
    if (written instanceof Map<?, ?> fields) {
      fields.forEach(
          (key, value) -> {
            if (value != null && !isEmpty(value)) {
              assertThat(((Map<?, ?>) read).containsKey(key)).as(at + "." + key).isTrue();
              assertSubset(at + "." + key, value, ((Map<?, ?>) read).get(key), List.of());
            }
          });
    } else if (written instanceof List<?> elements) {
      for (int i = 0; i < elements.size(); i++) {
        assertSubset(at + "[" + i + "]", elements.get(i), ((List<?>) read).get(i), List.of());
      }
    }
  }

  private static boolean isEmpty(Object value) {
    return value instanceof Map<?, ?> map && map.isEmpty();
  }

  /** All additional properties in a model, by reflection: each class has its own. */
  private static List<String> misspelt(Object model) {
    if (model instanceof List<?> list) {
      return list.stream().flatMap(each -> misspelt(each).stream()).toList();
    }
    if (model == null || !model.getClass().getName().startsWith("io.fabric8.")) {
      return List.of();
    }
    return Stream.of(model.getClass().getMethods())
        .filter(method -> method.getParameterCount() == 0)
        .filter(method -> method.getName().startsWith("get"))
        .filter(method -> !method.getName().equals("getClass"))
        .flatMap(
            method -> {
              try {
                Object value = method.invoke(model);
                return method.getName().equals("getAdditionalProperties")
                    ? ((Map<?, ?>) value).keySet().stream().map(String::valueOf)
                    : misspelt(value).stream();
              } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(method.toString(), e);
              }
            })
        .toList();
  }

  private static Map<String, String> variables(Container container) {
    return container.getEnv().stream()
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  private static String field(Container container, String variable) {
    return container.getEnv().stream()
        .filter(each -> each.getName().equals(variable))
        .map(each -> each.getValueFrom().getFieldRef().getFieldPath())
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Integer> ports(Container container) {
    return container.getPorts().stream()
        .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
  }

  private static Container container(PodSpec pod, String name) {
    return pod.getContainers().stream()
        .filter(each -> each.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void misspeltFieldsAreFound() {
    Map<String, Object> service = new LinkedHashMap<>();
    service.put("kind", "Service");
    service.put("spec", Map.of("publishNotReadyAdresses", true));
    assertThat(misspelt(MAPPER.convertValue(service, Service.class)))
        .containsExactly("publishNotReadyAdresses");
  }

  @Test
  void services_haveAllNodes_andThoseWhoAreReady() throws IOException {
    Service peers = read("base/service.yaml", Service.class);
    assertThat(peers.getMetadata().getName()).isEqualTo("peers");
    assertThat(peers.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(peers.getSpec().getPublishNotReadyAddresses()).isTrue();
    assertPort(peers, "peers", PEERS);
    Service api = read("base/api.yaml", Service.class);
    assertThat(api.getSpec().getClusterIP()).isNull();
    assertThat(api.getSpec().getPublishNotReadyAddresses()).isNull();
    assertPort(api, "api", API);
  }

  private static void assertPort(Service service, String name, int number) {
    ServicePort port = service.getSpec().getPorts().get(0);
    assertThat(service.getSpec().getPorts()).hasSize(1);
    assertThat(port.getName()).isEqualTo(name);
    assertThat(port.getPort()).isEqualTo(number);
    assertThat(port.getTargetPort().getStrVal()).isEqualTo(name);
    assertThat(port.getAppProtocol()).isEqualTo("grpc");
  }

  @Test
  void statefulSet_startsAllAtOnce_andEachSaysWhereItIs() throws IOException {
    StatefulSet set = read("base/statefulset.yaml", StatefulSet.class);
    assertThat(set.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
    assertThat(set.getSpec().getServiceName()).isEqualTo("peers");
    assertThat(set.getSpec().getReplicas()).isEqualTo(3);
    PodSpec pod = set.getSpec().getTemplate().getSpec();
    assertThat(pod.getEnableServiceLinks()).isFalse();
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    // Farewell 1 s, open calls 10 s.
    assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThan(12);
    Container peer = container(pod, "peer");
    assertThat(ports(peer)).isEqualTo(Map.of("peers", PEERS, "api", API));
    assertThat(field(peer, "POD_IP")).isEqualTo("status.podIP");
    assertThat(variables(peer))
        .isEqualTo(
            Map.of(
                "PEER_ADVERTISE", "$(POD_IP):7400",
                "PEER_BOOTSTRAP", "peers:7400",
                "PEER_TLS", "peer",
                "PEER_REQUIRE_PEER", "true",
                "PEER_LISTEN", "0.0.0.0:7400",
                "PEER_API", "0.0.0.0:7401",
                "PEER_DATA_DIR", "/var/lib/peer/data"));
    assertThat(peer.getVolumeMounts())
        .extracting("name", "mountPath")
        .containsExactlyInAnyOrder(tuple("data", "/var/lib/peer"), tuple("tmp", "/tmp"));
    assertThat(set.getSpec().getVolumeClaimTemplates())
        .singleElement()
        .satisfies(
            claim -> {
              assertThat(claim.getMetadata().getName()).isEqualTo("data");
              assertThat(claim.getSpec().getAccessModes()).containsExactly("ReadWriteOnce");
            });
    assertLocked(pod, peer);
  }

  @Test
  void probes_askTheHealthServiceOfTheApiPort() throws IOException {
    Container peer =
        container(
            read("base/statefulset.yaml", StatefulSet.class).getSpec().getTemplate().getSpec(),
            "peer");
    assertProbe(peer.getStartupProbe(), "liveness");
    assertProbe(peer.getReadinessProbe(), READY);
    assertProbe(peer.getLivenessProbe(), "liveness");
  }

  private static void assertProbe(Probe probe, String service) {
    assertThat(probe.getGrpc().getPort()).isEqualTo(API);
    assertThat(probe.getGrpc().getService()).isEqualTo(service);
  }

  private static void assertLocked(PodSpec pod, Container... containers) {
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(65532);
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    for (Container container : containers) {
      SecurityContext context = container.getSecurityContext();
      assertThat(context.getAllowPrivilegeEscalation()).isFalse();
      assertThat(context.getReadOnlyRootFilesystem()).isTrue();
      assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
      assertThat(container.getResources().getLimits()).containsKey("memory");
      assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
    }
  }

  @Test
  void disruptions_takeOneAtATime() throws IOException {
    PodDisruptionBudget budget = read("base/disruption.yaml", PodDisruptionBudget.class);
    assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
    assertThat(budget.getSpec().getSelector().getMatchLabels())
        .isEqualTo(Map.of("app.kubernetes.io/name", "peer"));
  }

  /** The services, the set and its pods have no label and no selector of their own. */
  @Test
  void labelsAndSelectors_areMadeByKustomize() throws IOException {
    Map<?, ?> kustomization = (Map<?, ?>) yaml(MANIFESTS.resolve("base/kustomization.yaml"));
    Map<?, ?> labels = (Map<?, ?>) listed(kustomization, "labels").findFirst().orElseThrow();
    assertThat(labels.get("includeSelectors")).isEqualTo(true);
    assertThat(((Map<?, ?>) labels.get("pairs")).get("app.kubernetes.io/name")).isEqualTo("peer");
  }

  @Test
  void inAMesh_nodesGoByNames_andLeaveEncryptionToIt() throws IOException {
    StatefulSet patch = read("mesh/statefulset.yaml", StatefulSet.class);
    StatefulSet base = read("base/statefulset.yaml", StatefulSet.class);
    assertThat(patch.getMetadata().getName()).isEqualTo(base.getMetadata().getName());
    assertThat(patch.getSpec().getTemplate().getMetadata().getAnnotations())
        .containsOnlyKeys(
            "proxy.istio.io/config", "config.alpha.linkerd.io/proxy-wait-before-exit-seconds");
    Container peer = container(patch.getSpec().getTemplate().getSpec(), "peer");
    assertThat(field(peer, "POD_NAME")).isEqualTo("metadata.name");
    assertThat(field(peer, "POD_NAMESPACE")).isEqualTo("metadata.namespace");
    assertThat(variables(peer))
        .containsEntry(
            "PEER_ADVERTISE", "$(POD_NAME).peers.$(POD_NAMESPACE).svc.cluster.local:7400")
        .containsEntry("PEER_TLS", "off");
    String name = base.getMetadata().getName();
    List<String> seeds =
        Stream.iterate(0, i -> i + 1)
            .limit(base.getSpec().getReplicas())
            .map(i -> "%s-%d.peers:7400".formatted(name, i))
            .toList();
    assertThat(variables(peer).get("PEER_BOOTSTRAP").split(",")).containsExactlyElementsOf(seeds);
  }

  @Test
  void sidecar_servesItsPodAlone() throws IOException {
    Deployment deployment = read("sidecar/deployment.yaml", Deployment.class);
    PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    Container peer = container(pod, "peer");
    Container orders = container(pod, "orders");
    assertThat(deployment.getSpec().getSelector().getMatchLabels())
        .isEqualTo(deployment.getSpec().getTemplate().getMetadata().getLabels());
    assertThat(variables(peer))
        .containsEntry("PEER_API", "127.0.0.1:7401")
        .containsEntry("PEER_BOOTSTRAP", "peers:7400")
        .containsEntry("PEER_ADVERTISE", "$(POD_IP):7400")
        .containsEntry("PEER_DATA_DIR", "");
    assertThat(variables(orders)).containsEntry("PEER_NODE", "127.0.0.1:7401");
    assertThat(ports(peer)).isEqualTo(Map.of("peers", PEERS));
    String dockerfile = Files.readString(MANIFESTS.getParent().resolve("Dockerfile"));
    int check = dockerfile.indexOf('[', dockerfile.indexOf("\nHEALTHCHECK"));
    String command = dockerfile.substring(check).lines().findFirst().orElseThrow();
    List<String> written = new ArrayList<>(new Yaml().<List<String>>load(command));
    assertThat(peer.getReadinessProbe().getExec().getCommand()).isEqualTo(written);
    written.set(written.size() - 1, "liveness");
    assertThat(peer.getStartupProbe().getExec().getCommand()).isEqualTo(written);
    assertThat(peer.getLivenessProbe().getExec().getCommand()).isEqualTo(written);
    // A node that is alone is ready here: its service can be called by those who know it.
    assertThat(variables(peer)).doesNotContainKey("PEER_REQUIRE_PEER");
    assertLocked(pod, peer, orders);
  }

  @Test
  void everyFileIsPartOfAKustomization() throws IOException {
    for (String directory : List.of("base", "mesh", "sidecar")) {
      Path in = MANIFESTS.resolve(directory);
      Map<?, ?> kustomization = (Map<?, ?>) yaml(in.resolve("kustomization.yaml"));
      assertThat(kustomization.get("kind")).isEqualTo("Kustomization");
      Stream<String> resources =
          listed(kustomization, "resources").map(String::valueOf).filter(r -> !r.contains("/"));
      Stream<String> patches =
          listed(kustomization, "patches").map(patch -> ((Map<?, ?>) patch).get("path").toString());
      try (Stream<Path> files = Files.list(in)) {
        assertThat(
                files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> !file.equals("kustomization.yaml")))
            .containsExactlyInAnyOrderElementsOf(Stream.concat(resources, patches).toList());
      }
    }
  }

  private static Stream<?> listed(Map<?, ?> kustomization, String key) {
    Function<Object, List<?>> list = value -> (List<?>) value;
    return Optional.ofNullable((Object) kustomization.get(key)).map(list).stream()
        .flatMap(List::stream);
  }
}
