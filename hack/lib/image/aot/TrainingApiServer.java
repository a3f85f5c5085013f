import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * API server for the agent's training run: it accepts every request. Starts the agent, waits until it has published, and
 * stops it.
 *
 * <p>{@code java TrainingApiServer.java KEYSTORE PASSWORD DIRECTORY COMMAND...}: COMMAND gets the address in
 * PCI_AGENT_API_SERVER; the server's certificate is written to DIRECTORY.
 */
class TrainingApiServer {

    private static final String INVENTORY =
            """
            {"metadata": {"name": "training", "managedFields": [{"manager": "pci-operator"}]},
             "spec": {"reporting": "Disabled"}}""";

    private static final CountDownLatch published = new CountDownLatch(2); // the devices, and the Lease

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[2]);
        KeyStore keys = KeyStore.getInstance(Path.of(args[0]).toFile(), args[1].toCharArray());
        String certificate = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys.getCertificate("api").getEncoded());
        Files.writeString(
                directory.resolve("ca.crt"),
                "-----BEGIN CERTIFICATE-----\n" + certificate + "\n-----END CERTIFICATE-----\n");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, args[1].toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", TrainingApiServer::respond);
        server.start();
        ProcessBuilder agent = new ProcessBuilder(java.util.List.of(args).subList(3, args.length)).inheritIO();
        agent.environment()
                .put("PCI_AGENT_API_SERVER", "https://127.0.0.1:" + server.getAddress().getPort());
        Process process = agent.start();
        boolean done = published.await(60, TimeUnit.SECONDS);
        process.destroy();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        server.stop(0);
        System.exit(done && ended ? 0 : 1);
    }

    private static void respond(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            byte[] body = INVENTORY.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
        if (exchange.getRequestMethod().equals("PATCH")) {
            published.countDown();
        }
    }
}
