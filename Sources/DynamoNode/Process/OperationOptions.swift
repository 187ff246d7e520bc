import ArgumentParser
import NIOCore

/// What clients may take of a node, and how it tells what it does.
struct OperationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Connections open at a time, on the client port and on the HTTP port each. (default: 1000)",
            valueName: "count"),
        transform: NodeArguments.count(1...1_000_000))
    var maxConnections = 1_000

    @Option(
        help: ArgumentHelp(
            "How long a client may take to end a request that it began, or to read an answer, before it loses its "
                + "connection. (default: 30s)", valueName: "time"),
        transform: NodeArguments.duration)
    var patience: Int64?

    @Option(
        help: ArgumentHelp(
            "How long an HTTP connection may stay without a request. (default: 2m)", valueName: "time"),
        transform: NodeArguments.duration)
    var idleTimeout: Int64?

    @Option(help: "The form of log lines: logfmt (key=value), or one object of JSON each.")
    var logFormat = LogFormat.logfmt

    func apply(to configuration: inout NodeConfiguration) {
        for limits in [\NodeConfiguration.clientLimits, \.webLimits] {
            configuration[keyPath: limits].connections = maxConnections
            if let patience { configuration[keyPath: limits].patience = .nanoseconds(patience) }
        }
        if let idleTimeout { configuration.webLimits.idle = .nanoseconds(idleTimeout) }
        configuration.logFormat = logFormat
    }
}

extension LogFormat: ExpressibleByArgument {}
