// The first test of README.md, which shows all that stands below: a call of the code under test, then
// the clock moved until what it set off has happened.

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.ecslocal.Account;
import io.github.ecslocal.EcsLocal;
import io.github.ecslocal.EcsLocalExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EcsLocalExtension.class)
class FirstTest {
    @Test
    void stoppingTakesFiveSeconds(EcsLocal emulator, Account account) throws Exception {
        account.freezeClock();

        // In place of this call: the code under test, with emulator.host() as its endpoint.
        var call = URI.create(emulator.url() + "/?Action=StopInstance&InstanceId=i-web&AccessKeyId="
                + account.keyId());
        var answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(call).build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());

        assertEquals("Stopping", account.instance("i-web").status());
        account.advance(Duration.ofSeconds(5));
        assertEquals("Stopped", account.instance("i-web").status());
    }
}
