import DynamoNode

@main
struct Main {
    static func main() { NodeEntry.main() }
}
