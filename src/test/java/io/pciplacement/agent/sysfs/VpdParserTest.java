package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VpdParserTest {

    /** VPD with the name of a card, a read-only section with keywords, and a read-write section. */
    static byte[] vpd(String... keywords) {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        for (int i = 0; i < keywords.length; i += 2) {
            section.writeBytes(ascii(keywords[i]));
            section.write(keywords[i + 1].length());
            section.writeBytes(ascii(keywords[i + 1]));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        resource(all, 0x82, ascii("A card"));
        resource(all, 0x90, section.toByteArray());
        resource(all, 0x91, ascii("V0\u0003abc"));
        all.write(0x78);
        return all.toByteArray();
    }

    @Test
    void findsSerialNumberAmongKeywords() throws IOException {
        assertThat(read(vpd("PN", "MCX653105A", "EC", "A1", "SN", "MT2042X11882", "RV", "\u0001\u0000")))
                .contains("MT2042X11882");
    }

    @Test
    void removesPadding() throws IOException {
        assertThat(read(vpd("SN", "  A1B2  "))).contains("A1B2");
        assertThat(read(vpd("SN", "A1B2\u0000\u0000\u0000"))).contains("A1B2");
    }

    @Test
    void ignoresGarbage() throws IOException {
        assertThat(read(vpd("SN", "A\u0007B"))).isEmpty();
        assertThat(read(vpd("SN", "    "))).isEmpty();
        assertThat(read(vpd("PN", "SN"))).isEmpty();
        assertThat(read(new byte[0])).isEmpty();
        assertThat(read(new byte[512])).isEmpty();
        byte[] ones = new byte[512];
        java.util.Arrays.fill(ones, (byte) 0xff);
        assertThat(read(ones)).isEmpty();
    }

    @Test
    void terminatesOnEveryInput() throws IOException {
        Random random = new Random(7);
        byte[] whole = vpd("PN", "X", "SN", "S001");
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Optional<String> read = read(java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
            assertThat(read.orElse("").length()).isLessThanOrEqualTo(128);
        }
    }

    private static Optional<String> read(byte[] vpd) throws IOException {
        return VpdParser.findSerialNumber((into, position) -> {
            if (position >= vpd.length) {
                return -1;
            }
            int length = Math.min(into.remaining(), vpd.length - (int) position);
            into.put(ByteBuffer.wrap(vpd, (int) position, length));
            return length;
        });
    }

    private static void resource(ByteArrayOutputStream out, int tag, byte[] content) {
        out.write(tag);
        out.write(content.length & 0xff);
        out.write(content.length >> 8);
        out.writeBytes(content);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
