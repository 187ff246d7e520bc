import CNftables
import Nemesis
import Synchronization

/// Changes the hub's packet rules from within this process: a fraction of a millisecond, where a call of `nft` takes twenty
///. Every text is one transaction.
final class PacketRules: Sendable {
    /// Used under the lock alone.
    private struct Context: @unchecked Sendable {
        let handle: OpaquePointer
    }

    private let context: Mutex<Context>

    /// Throws ``ToolError`` when the library gives no context.
    init() throws(ToolError) {
        guard let handle = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw ToolError(tool: ["libnftables"], reason: "gives no context")
        }
        nft_ctx_buffer_error(handle)
        nft_ctx_buffer_output(handle)
        context = Mutex(Context(handle: handle))
    }

    deinit { context.withLock { nft_ctx_free($0.handle) } }

    /// Carries out commands in the syntax of `nft -f`: all of them or none.
    ///
    /// Throws ``ToolError`` in the kernel's words. Gives back what the commands printed.
    @discardableResult
    func run(_ commands: String) throws(ToolError) -> String {
        let result: Result<String, ToolError> = context.withLock { context in
            guard nft_run_cmd_from_buffer(context.handle, commands) == 0 else {
                let words = nft_ctx_get_error_buffer(context.handle).map { String(cString: $0) } ?? "refused"
                return .failure(ToolError(tool: ["nft"], reason: words.split(separator: "\n").joined(separator: " ")))
            }
            return .success(nft_ctx_get_output_buffer(context.handle).map { String(cString: $0) } ?? "")
        }
        return try result.get()
    }
}
