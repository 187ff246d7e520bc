import DynamoNode

@main
struct Main {
    static func main() { NodeCommand.main() }
}
