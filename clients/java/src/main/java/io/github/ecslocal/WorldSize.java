package io.github.ecslocal;

/** How large a world is. */
record WorldSize(int instances) {}
