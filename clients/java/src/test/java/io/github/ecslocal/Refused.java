// The check of a refusal of the control interface.

package io.github.ecslocal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

final class Refused {
    private Refused() {}

    /** The call is refused in this way, for a reason that has this in it. */
    static void refusedWith(int status, String code, String reason, Executable call) {
        var refusal = assertThrows(EcsLocalException.class, call);
        assertEquals(status, refusal.status());
        assertEquals(code, refusal.code());
        assertTrue(refusal.reason().contains(reason), refusal.reason());
    }
}
