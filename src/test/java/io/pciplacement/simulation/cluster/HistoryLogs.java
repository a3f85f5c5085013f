package io.pciplacement.simulation.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reader of the new lines in the logs of operators and agents, which must not contain stack traces. */
final class HistoryLogs {

    private static final Pattern LOGS = Pattern.compile("operator(-\\d)?\\.log|agent-history-.*\\.out");
    private static final Pattern FRAME = Pattern.compile("^\\s+at [\\w.$/<>@]+\\(.*");
    /** A process that was suspended reports that its threads did not run. */
    private static final String SUSPENDED = "[BlockedThreadChecker]";
    /** A process that logs more between two reads is faulty, too. */
    private static final int MOST_BYTES = 4 << 20;

    private static final int LINES_BEFORE = 6;

    private final Path directory;
    private final Map<String, Long> read = new TreeMap<>();

    /** Ignores the lines until now. */
    HistoryLogs(Path directory) {
        this.directory = directory;
        files().forEach(file ->
                read.put(file.getFileName().toString(), file.toFile().length()));
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(
                            file -> LOGS.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the first stack trace of each log since the last call, with the lines before it. */
    List<String> findStackTraces() {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            List<String> lines = readNew(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).contains(SUSPENDED)) {
                    i = lastFrame(lines, i);
                } else if (isFrame(lines, i)) {
                    found.add(file.getFileName() + ":\n"
                            + String.join(
                                    "\n",
                                    lines.subList(
                                            Math.max(0, i - LINES_BEFORE), Math.min(lines.size(), i + LINES_BEFORE))));
                    break;
                }
            }
        }
        return found;
    }

    private static boolean isFrame(List<String> lines, int index) {
        return index < lines.size() && FRAME.matcher(lines.get(index)).matches();
    }

    /** Index of the last line of a stack trace whose message has this index. */
    private static int lastFrame(List<String> lines, int message) {
        int last = message;
        while (isFrame(lines, last + 1)) {
            last++;
        }
        return last;
    }

    private List<String> readNew(Path file) {
        String name = file.getFileName().toString();
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            // The log of an agent starts again with its process.
            long from = read.getOrDefault(name, 0L) > log.length() ? 0 : read.getOrDefault(name, 0L);
            long length = log.length() - from;
            if (length > MOST_BYTES) {
                throw new AssertionError("%s has grown by %d bytes".formatted(name, length));
            }
            byte[] bytes = new byte[(int) length];
            log.seek(from);
            log.readFully(bytes);
            read.put(name, from + length);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
