/// What `dynamo-node --help` says before the options.
enum NodeHelp {
    static let discussion = """
        Clients speak Riak's protocol buffers interface to the --client port, of any node, or Riak's HTTP interface \
        to the --http port, which also answers /metrics (Prometheus), /admin/status and /observe/replicas, \
        /observe/hints, /observe/roots, /observe/ring. Settings may stand in a file, KEY = VALUE a line, that --config \
        names; "dynamo-node settings" lists them all. Once the node serves, it prints one line that begins with \
        "ready" to standard output. \
        SIGTERM and SIGINT stop it: exit status 0. Everything that it acknowledged is on disk before, so \
        kill -9 loses nothing either.

        A store of three nodes on this machine, each command in a terminal of its own:

          M="--member n1=127.0.0.1:9001 --member n2=127.0.0.1:9002 --member n3=127.0.0.1:9003"
          dynamo-node --name n1 --data /tmp/n1 --client 127.0.0.1:8087 --http 127.0.0.1:8098 $M
          dynamo-node --name n2 --data /tmp/n2 --client 127.0.0.1:8187 --http 127.0.0.1:8198 $M
          dynamo-node --name n3 --data /tmp/n3 --client 127.0.0.1:8287 --http 127.0.0.1:8298 $M

        Then stop one, write through another, start it again and watch its hints go home:

          curl -s 127.0.0.1:8098/observe/hints

        A fourth node joins, and later the first one leaves; both go on in the background, under load:

          J="--peer 127.0.0.1:9004 --join 127.0.0.1:8098"
          dynamo-node --name n4 --data /tmp/n4 --client 127.0.0.1:8387 --http 127.0.0.1:8398 $J
          dynamo-node status --wait 60s
          dynamo-node leave --at 127.0.0.1:8398 --name n1
          dynamo-node status --at 127.0.0.1:8398 --wait 60s

        "dynamo-node join --help" tells more, and so do leave, replace and status.

        Exit status: 0 stopped as asked, 1 could not start or stop, 64 options that make no sense.
        """
}
