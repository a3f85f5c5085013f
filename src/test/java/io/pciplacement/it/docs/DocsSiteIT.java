package io.pciplacement.it.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import io.pciplacement.testing.HeadlessBrowser;
import io.pciplacement.testing.TestLength;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation site of hack/docs: complete, without broken links, and usable offline in a browser. */
class DocsSiteIT {

    private static final Path SITE = Path.of("target/site").toAbsolutePath();
    private static final Pattern LINK = Pattern.compile("\\s(?:href|src)=\"?([^\"\\s>]+)");
    private static final Pattern DIAGRAM = Pattern.compile("<pre class=\"?mermaid");
    private static final Pattern ID = Pattern.compile("\\sid=\"?([^\"\\s>]+)");

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("hack/docs").redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** All pages except 404.html, whose links are absolute. */
    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(SITE)) {
            return files.filter(file -> file.toString().endsWith(".html"))
                    .filter(file -> !file.getFileName().toString().equals("404.html"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void siteContainsAllPages() throws IOException {
        List<String> expected;
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            expected = docs.map(Path::toString)
                    .filter(page -> page.endsWith(".md"))
                    .filter(page -> !page.contains("/performance/")) // fragments of one page
                    .map(page -> page.replaceFirst("README\\.md$", "index.md").replaceFirst("md$", "html"))
                    .toList();
        }
        List<String> site =
                pages().stream().map(page -> SITE.relativize(page).toString()).toList();
        assertThat(site).contains("index.html", "hack/index.html").containsAll(expected);
        assertThat(navigation()).containsAll(expected);
    }

    /** The pages that the navigation of the first page links to. */
    private static Set<String> navigation() throws IOException {
        String page = Files.readString(SITE.resolve("index.html"));
        return LINK.matcher(page.replaceFirst("(?s).*?<nav class=\"?md-nav", ""))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void internalLinksResolve() throws IOException {
        Map<Path, Set<String>> ids = new HashMap<>();
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                URI uri = URI.create(link.group(1).replace("&amp;", "&"));
                if (uri.isAbsolute()) {
                    continue;
                }
                Path target = uri.getPath().isEmpty()
                        ? page
                        : page.resolveSibling(uri.getPath()).normalize();
                if (!Files.isRegularFile(target) || !target.startsWith(SITE)) {
                    broken.add(SITE.relativize(page) + ": " + uri);
                } else if (uri.getFragment() != null
                        && !uri.getFragment().equals("__skip")
                        && !ids.computeIfAbsent(target, DocsSiteIT::ids).contains(uri.getFragment())) {
                    broken.add(SITE.relativize(page) + ": " + uri);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static Set<String> ids(Path page) {
        try {
            return ID.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group(1))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Skipped if there is no Chromium, which hack/test does not accept with PCI_TEST_ALL. */
    @Nested
    class InABrowser {

        @Test
        void worksOfflineWithoutErrors(@TempDir Path directory) throws Exception {
            assumeTrue(HeadlessBrowser.find().isPresent(), "no Chromium found: install it, or set CHROMIUM");
            HttpServer server = SimpleFileServer.createFileServer(
                    new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0),
                    SITE,
                    SimpleFileServer.OutputLevel.NONE);
            server.start();
            URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            try (HeadlessBrowser browser =
                    new HeadlessBrowser(HeadlessBrowser.find().orElseThrow(), directory)) {
                HttpContext emptyIndex = serveEmptySearchIndex(server);
                for (Path page : pagesToOpen()) {
                    browser.open(base.resolve(SITE.relativize(page).toString()));
                    assertThat(browser.evaluate("document.querySelectorAll('h1').length")
                                    .asInt())
                            .as("%s", page)
                            .isEqualTo(1);
                    diagramsAreDrawn(browser);
                    assertThat(browser.errors()).as("%s", page).isEmpty();
                }
                server.removeContext(emptyIndex);
                searchFindsReasons(browser, base.resolve("index.html"));
                // The same, opened from the directory.
                searchFindsReasons(browser, SITE.resolve("index.html").toUri());
                assertThat(browser.errors()).isEmpty();
                assertThat(browser.requests())
                        .isNotEmpty()
                        .allMatch(url -> url.startsWith(base.toString())
                                || url.startsWith(SITE.toUri().toString())
                                || url.startsWith("data:")
                                || url.startsWith("blob:")
                                || url.equals("about:blank"));
            } finally {
                server.stop(0);
            }
        }

        /** All pages in CI, otherwise those with diagrams and some of the others, which have the same layout. */
        private List<Path> pagesToOpen() throws IOException {
            List<Path> all = pages();
            if (TestLength.isFull()) {
                return all;
            }
            List<Path> some = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                if (i % 8 == 0 || DIAGRAM.matcher(Files.readString(all.get(i))).find()) {
                    some.add(all.get(i));
                }
            }
            return some;
        }

        /** Each page loads the index, and its preparation takes longer than everything else that a page does. */
        private HttpContext serveEmptySearchIndex(HttpServer server) throws IOException {
            String path = "search/search_index.json";
            byte[] empty = Files.readString(SITE.resolve(path))
                    .replaceFirst("(?s)\"docs\":\\[.*", "\"docs\":[]}")
                    .getBytes(StandardCharsets.UTF_8);
            return server.createContext("/" + path, exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(200, empty.length);
                    exchange.getResponseBody().write(empty);
                }
            });
        }

        /** The theme replaces the source of each diagram with an element that contains the drawing. */
        private void diagramsAreDrawn(HeadlessBrowser browser) throws IOException, InterruptedException {
            browser.awaitTrue("document.querySelectorAll('pre.mermaid').length === 0"
                    + " && [...document.querySelectorAll('.mermaid')].every(drawn => drawn.offsetHeight > 20)");
        }

        private void searchFindsReasons(HeadlessBrowser browser, URI page) throws IOException, InterruptedException {
            browser.open(page);
            browser.evaluate("document.querySelector('[data-md-component=search-query]').focus()");
            // What is typed before the index is loaded may be lost.
            browser.awaitTrue("!/initializing/i.test(document.querySelector('.md-search-result__meta').textContent)");
            browser.type("InventoryHashReused");
            // The theme shows only the first results.
            browser.awaitTrue("[...document.querySelectorAll('.md-search-result__link')]"
                    + ".some(link => link.href.includes('docs/reasons.html'))");
        }
    }
}
