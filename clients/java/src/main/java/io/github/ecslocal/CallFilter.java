package io.github.ecslocal;

/**
 * Which calls are wanted; null lets all through.
 *
 * @param action of this operation
 * @param code with this error code
 * @param status with this HTTP status; 200 for those that succeeded
 * @param keyId made with this access key
 * @param after behind the first so many of the account, as {@link Calls#total} counts them
 */
public record CallFilter(String action, String code, Integer status, String keyId, Long after) {
    /** Lets all through; the methods below narrow it. */
    public static final CallFilter ALL = new CallFilter(null, null, null, null, null);

    /** Of this operation only. */
    public CallFilter withAction(String action) {
        return new CallFilter(action, code, status, keyId, after);
    }

    /** With this error code only. */
    public CallFilter withCode(String code) {
        return new CallFilter(action, code, status, keyId, after);
    }

    /** With this HTTP status only. */
    public CallFilter withStatus(int status) {
        return new CallFilter(action, code, status, keyId, after);
    }

    /** Made with this access key only. */
    public CallFilter withKeyId(String keyId) {
        return new CallFilter(action, code, status, keyId, after);
    }

    /** Only those behind the first so many of the account. */
    public CallFilter withAfter(long after) {
        return new CallFilter(action, code, status, keyId, after);
    }
}
