import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.RuntimeConstants;

/**
 * Renders templates with Apache Velocity 1.7: a line of JSON {"template": …, "context": {…}} in, a
 * line {"output": …} or {"error": …} out.
 *
 * Numbers become what Jackson makes of them: Integer, Long, BigInteger or Double.
 */
public final class Render {
    public static void main(String[] arguments) throws Exception {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        // What Velocity prints of its own accord must not end up among the answers.
        System.setOut(System.err);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<?, ?> request = (Map<?, ?>) new Reader(line).document();
            out.println(answer((String) request.get("template"), (Map<?, ?>) request.get("context")));
            out.flush();
        }
    }

    private static String answer(String template, Map<?, ?> values) {
        try {
            VelocityContext context = new VelocityContext();
            values.forEach((name, value) -> context.put((String) name, value));
            StringWriter writer = new StringWriter();
            engine().evaluate(context, writer, "template", template);
            return "{\"output\":" + quoted(writer.toString()) + "}";
        } catch (Throwable thrown) {
            return "{\"error\":" + quoted(thrown.toString()) + "}";
        }
    }

    /** A new engine each time: macros outlive the template that defines them. */
    private static VelocityEngine engine() {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty(
                RuntimeConstants.RUNTIME_LOG_LOGSYSTEM_CLASS,
                "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty(RuntimeConstants.PARSER_POOL_SIZE, "1");
        engine.setProperty(RuntimeConstants.VM_LIBRARY, "");
        engine.init();
        return engine;
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** Reads JSON that is known to be right. */
    private static final class Reader {
        private final String text;
        private int at = 0;

        Reader(String text) {
            this.text = text;
        }

        Object document() {
            blanks();
            char c = text.charAt(at);
            if (c == '{') {
                return object();
            }
            if (c == '[') {
                return list();
            }
            if (c == '"') {
                return string();
            }
            int start = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return word(text.substring(start, at));
        }

        private void blanks() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        /** Whether the given character is next; steps over it. */
        private boolean accept(char c) {
            blanks();
            if (text.charAt(at) != c) {
                return false;
            }
            at++;
            return true;
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            at++;
            while (!accept('}')) {
                accept(',');
                blanks();
                String name = string();
                accept(':');
                members.put(name, document());
            }
            return members;
        }

        private List<Object> list() {
            List<Object> items = new ArrayList<>();
            at++;
            while (!accept(']')) {
                accept(',');
                items.add(document());
            }
            return items;
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char c = text.charAt(at);
                if (c != '\\') {
                    out.append(c);
                    continue;
                }
                at++;
                int short_ = "nrtbf".indexOf(text.charAt(at));
                if (text.charAt(at) == 'u') {
                    out.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    out.append(short_ < 0 ? text.charAt(at) : "\n\r\t\b\f".charAt(short_));
                }
            }
            at++;
            return out.toString();
        }

        private static Object word(String word) {
            switch (word) {
                case "null":
                    return null;
                case "true":
                    return true;
                case "false":
                    return false;
                default:
                    return number(word);
            }
        }

        private static Object number(String word) {
            if (word.matches(".*[.eE].*")) {
                return new BigDecimal(word).doubleValue();
            }
            BigInteger number = new BigInteger(word);
            if (number.bitLength() < 32) {
                return number.intValue();
            }
            return number.bitLength() < 64 ? (Object) number.longValue() : number;
        }
    }
}
