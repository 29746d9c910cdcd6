package io.github.ecslocal;

/**
 * One documented error row on one page.
 *
 * @param operation the operation, {@code (any)} or {@code (gateway)}
 * @param page the page's date; empty for a row beside the pages
 * @param status HTTP status
 * @param name its name here
 * @param reach raised, guessed, injected or pending
 * @param scenario the scenario that proves it; null where there is none
 * @param note the guess, or why it is only injected
 */
public record Row(
        String operation,
        String page,
        int status,
        String code,
        String message,
        String name,
        String reach,
        String scenario,
        String note) {}
