// Something to run that may fail: a step, or a call within one. The JDK's own Runnable lets no
// checked exception through, and the clients throw such.

package matrix;

@FunctionalInterface
public interface Task {
    void run() throws Exception;
}
