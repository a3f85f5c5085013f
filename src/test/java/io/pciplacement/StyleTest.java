package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The language of the documentation, the code and the manifests: rejects words and constructions that plain technical
 * English does not need, with what to write instead. The style sheet is in docs/CONTRIBUTING.md.
 */
class StyleTest {

    private record Rule(Pattern pattern, String instead) {

        static Rule of(String regex, String instead) {
            return new Rule(Pattern.compile("\\b(?:" + regex + ")\\b", Pattern.CASE_INSENSITIVE), instead);
        }
    }

    private static final List<Rule> RULES = List.of(
            Rule.of("nobody|somebody|everybody|whoever|no one's", "the user, another client, Nova, no consumer"),
            Rule.of("somebody else's|someone else's|other people's", "another service's, another client's"),
            Rule.of("whom|whomever", "which, the consumer that"),
            Rule.of("for who|and who|by who", "for users who, the client that"),
            Rule.of("he|him|his|himself", "they, it, or the noun"),
            Rule.of("anew", "again, or a verb with re-: recreate, reread, restart"),
            Rule.of("tells?|told|telling", "report, show, list, describe, notify, distinguish"),
            Rule.of("(?:hears?|heard|hearing) (?:of|from|by)", "receive, detect, be notified"),
            Rule.of("(?:is|are|was|were) (?:not )?to be", "should be, must be, will be"),
            Rule.of("shall", "must, should, will"),
            Rule.of("finds? out|found out", "determine, check, detect"),
            Rule.of("the (?:two |three )?kinds|its three kinds", "the CRDs, the custom resources"),
            Rule.of("stand-by|stand-bys", "standby, standbys"),
            Rule.of("the lead", "leadership, the Lease"),
            Rule.of("(?:stands?|stood|standing) on", "use, run on"),
            Rule.of("(?:turns?|turned) down", "reject"),
            Rule.of("(?:puts?|make|made|makes) right|put right", "correct, heal"),
            Rule.of("(?:keeps?|kept|keeping) back", "reserve"),
            Rule.of("(?:lets?|letting) (?:\\w+ )?go", "release, free"),
            Rule.of("(?:gives?|gave|given|giving) (?:\\w+ )?back", "return, release"),
            Rule.of("(?:takes?|took|taken|taking) (?:\\w+ )?away", "remove"),
            Rule.of("(?:has|have|had) gone", "disappeared, was removed"),
            Rule.of("by hand of", "by"),
            Rule.of("for ever|ever less|ever more", "indefinitely, less and less"),
            Rule.of("gravest|graver", "most severe, more severe"),
            Rule.of("mends?|mended", "fix, correct"),
            Rule.of("folders?", "directory"),
            Rule.of("thereof|therein|hitherto|whilst|wherein|withal|lest", "plain words"));

    /** Finds a line with a finding. Most lines have none, and one pattern is faster than one for each rule. */
    private static final Pattern ANY_RULE = Pattern.compile(
            RULES.stream().map(rule -> rule.pattern().pattern()).collect(Collectors.joining("|", "\\b(?:", ")")),
            Pattern.CASE_INSENSITIVE);

    private static final Pattern SOURCE =
            Pattern.compile("\\.(?:java|properties|ya?ml|tpl|json|sh|py|c|md|go|lua)$|^hack/[a-z0-9-]+$|^[.]ci/run$");

    /** The words of a rule as part of a name, or as the name of the Unix user. */
    private static final Pattern NAME = Pattern.compile("noBody|\\bchown nobody\\b|reuid=nobody|^import .*$");

    private static final Pattern INLINE_CODE = Pattern.compile("`[^`]*`");
    private static final Pattern LINK_TARGET = Pattern.compile("]\\([^)]*\\)");

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(
                            Stream.of(Path.of("README.md")),
                            docs.filter(page -> page.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }

    /** Code, descriptions and comments that users and engineers read, except the rules of this test. */
    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>(List.of(Path.of("pom.xml")));
        for (String root : List.of(
                "src/main", "src/test/java", "src/test/resources/scenarios", "deploy", "examples", "hack", ".ci")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.filter(file -> SOURCE.matcher(name(file)).find() && Files.isRegularFile(file))
                        .filter(file -> !file.endsWith("StyleTest.java"))
                        .forEach(sources::add);
            }
        }
        return sources;
    }

    private static String name(Path page) {
        return page.toString().replace('\\', '/');
    }

    /** Returns the findings of a page. Code is not prose, but the labels of a mermaid diagram are. */
    private static List<String> findings(Path page) throws IOException {
        List<String> findings = new ArrayList<>();
        boolean code = false;
        int number = 0;
        for (String line : Files.readAllLines(page)) {
            number++;
            String stripped = line.strip();
            if (stripped.startsWith("```")) {
                code = !code && !stripped.equals("```mermaid") && !stripped.equals("```");
                continue;
            }
            if (code || line.startsWith("    ")) {
                continue;
            }
            String prose = LINK_TARGET
                    .matcher(INLINE_CODE.matcher(line).replaceAll("`"))
                    .replaceAll("]");
            findings.addAll(findings(page, number, prose));
        }
        return findings;
    }

    private static List<String> findings(Path file, int line, String text) {
        if (!ANY_RULE.matcher(text).find()) {
            return List.of();
        }
        List<String> findings = new ArrayList<>();
        for (Rule rule : RULES) {
            rule.pattern()
                    .matcher(text)
                    .results()
                    .forEach(match -> findings.add("%s:%d: \"%s\"; write: %s"
                            .formatted(name(file), line, match.group().toLowerCase(Locale.ROOT), rule.instead())));
        }
        return findings;
    }

    @Test
    void sourcesAreInPlainEnglish() throws IOException {
        List<String> findings = new ArrayList<>();
        for (Path file : sources()) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                findings.addAll(findings(file, number, NAME.matcher(line).replaceAll("")));
            }
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void pagesAreInPlainEnglish() throws IOException {
        List<String> findings = new ArrayList<>();
        for (Path page : pages()) {
            findings.addAll(findings(page));
        }
        assertThat(findings).isEmpty();
    }
}
