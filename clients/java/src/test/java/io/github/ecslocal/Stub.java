// A server that notes what it is asked and answers as it is told, in place of an emulator.

package io.github.ecslocal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

final class Stub implements AutoCloseable {
    /** A request as it came. */
    record Noted(String method, URI target, String authorization, String body) {}

    volatile int status = 200;
    volatile String answer = "{}";
    volatile Noted noted;

    private final HttpServer server;

    Stub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
    }

    static Stub answering(int status, String answer) throws IOException {
        var stub = new Stub();
        stub.status = status;
        stub.answer = answer;
        return stub;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        noted = new Noted(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRequestHeaders().getFirst("Authorization"),
                body);
        byte[] sent = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, sent.length == 0 ? -1 : sent.length);
        exchange.getResponseBody().write(sent);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
