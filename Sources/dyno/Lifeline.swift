import Foundation

/// Ends this process when its standard input ends. As process 1 of its namespace it takes everything that it started along.
enum Lifeline {
    static func watchStandardInput() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(0, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { _exit(ExitStatus.broken) }
            }
        }
    }
}
