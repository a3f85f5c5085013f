package io.pciplacement.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real Placement for one test, with or without a real Keystone, on free local ports. */
public final class RealPlacement implements AutoCloseable {

    private static final Path ROOT = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final Path SCRIPT = ROOT.resolve("src/test/resources/io/pciplacement/testing/real-placement.sh");

    /** The first time, packages are installed. */
    private static final long MINUTES = 10;

    private final Path dir;
    private final Map<String, String> settings;
    private final Thread downAtExit;

    private RealPlacement(Path dir, String kind, Map<String, String> settings) {
        this.dir = dir;
        this.settings = settings;
        this.downAtExit = new Thread(() -> run("down"));
        run("up", kind); // cleans up if it fails
        Runtime.getRuntime().addShutdownHook(downAtExit);
    }

    /**
     * Starts Placement without Keystone: every request with the token {@code admin} is authorized, including those of
     * the reshaper.
     */
    public static RealPlacement start(Path dir) {
        return new RealPlacement(dir, "own", Map.of());
    }

    /** As {@link #start}, but the reshaper is forbidden, as for an admin without the role service. */
    public static RealPlacement startWithoutReshaper(Path dir) {
        return new RealPlacement(dir, "own", Map.of("PCI_LOCAL_RESHAPER", "forbid"));
    }

    /** Starts Placement with Keystone; the user {@code client} has the role service. */
    public static RealPlacement startWithKeystone(Path dir) {
        return new RealPlacement(dir, "keystone", Map.of());
    }

    /** The clouds in it: {@code local}, or with Keystone {@code password} and {@code appcred}. */
    public Path cloudsFile() {
        return dir.resolve("clouds.yaml");
    }

    /** The environment that leads to one of the clouds. */
    public Map<String, String> env(String cloud) {
        return Map.of("OS_CLIENT_CONFIG_FILE", cloudsFile().toString(), "OS_CLOUD", cloud);
    }

    public URI url() {
        return URI.create(SavedState.of(dir, "placement_url"));
    }

    public URI keystoneUrl() {
        return URI.create(SavedState.of(dir, "keystone_url"));
    }

    public void stopPlacement() {
        run("stop", "placement");
    }

    public void startPlacement() {
        run("start", "placement");
    }

    public void stopKeystone() {
        run("stop", "keystone");
    }

    public void startKeystone() {
        run("start", "keystone");
    }

    @Override
    public void close() {
        run("down");
        Runtime.getRuntime().removeShutdownHook(downAtExit);
    }

    private void run(String... verb) {
        List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString(), ROOT.toString(), dir.toString()));
        command.addAll(List.of(verb));
        try {
            Path log = Files.createTempFile(Files.createDirectories(dir), "real-placement", ".out");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(settings);
            Process process = builder.start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroy();
                throw new IllegalStateException(String.join(" ", command) + ":\n" + Files.readString(log));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
