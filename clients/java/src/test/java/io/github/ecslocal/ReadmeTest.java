// README.md shows the first test as it is run here.

package io.github.ecslocal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    @Test
    void theFirstTestIsTheOneShown() throws Exception {
        String test = Files.readString(Path.of("src/test/java/FirstTest.java"));
        String shown = test.substring(test.indexOf("import "));
        String readme = Files.readString(Path.of("README.md"));
        assertTrue(readme.contains("```java\n" + shown + "```\n"), shown);
    }
}
