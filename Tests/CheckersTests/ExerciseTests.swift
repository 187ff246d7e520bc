import Checkers
import History
import Testing

/// What is counted of a history, on one where nothing equals anything else by chance.
@Suite struct ExerciseTests {
    private static let lines = #"""
        {"dyno":1,"nodes":["n1","n2"],"n":2}
        {"time":100,"process":0,"type":"invoke","f":"put","key":"k","value":"0-1"}
        {"time":110,"process":0,"type":"ok","f":"put","key":"k","value":"0-1"}
        {"time":120,"process":"controller","type":"info","f":"converged"}
        {"time":130,"process":"nemesis","type":"info","f":"partition","value":[["n1"],["n2"]]}
        {"time":140,"process":"nemesis","type":"info","f":"partition","value":[["n1"],["n2"]]}
        {"time":170,"process":"nemesis","type":"info","f":"heal"}
        {"time":180,"process":"nemesis","type":"info","f":"kill","value":["n2"]}
        {"time":190,"process":0,"type":"invoke","f":"put","key":"k","value":"0-2","seen":["0-1"]}
        {"time":200,"process":1,"type":"invoke","f":"delete","key":"k","value":"1-1","seen":["0-1"]}
        {"time":210,"process":2,"type":"invoke","f":"put","key":"k","value":"2-1"}
        {"time":220,"process":0,"type":"ok","f":"put","key":"k","value":"0-2"}
        {"time":230,"process":1,"type":"ok","f":"delete","key":"k","value":"1-1"}
        {"time":240,"process":2,"type":"info","f":"put","key":"k","value":"2-1"}
        {"time":250,"process":"nemesis","type":"info","f":"restart","value":["n2"]}
        {"time":260,"process":"nemesis","type":"info","f":"pause","value":["n1"]}
        {"time":270,"process":"nemesis","type":"info","f":"resume","value":["n1"]}
        {"time":280,"process":3,"type":"invoke","f":"put","key":"j","value":"3-1"}
        {"time":290,"process":3,"type":"fail","f":"put","key":"j","value":"3-1"}
        {"time":300,"process":3,"type":"invoke","f":"get","key":"k"}
        {"time":310,"process":3,"type":"ok","f":"get","key":"k","value":["0-2","2-1"]}
        {"time":320,"process":3,"type":"invoke","f":"get","key":"k"}
        {"time":330,"process":3,"type":"fail","f":"get","key":"k"}
        {"time":340,"process":"controller","type":"info","f":"phase","value":"heal"}
        {"time":345,"process":"controller","type":"info","f":"converged"}
        {"time":350,"process":"controller","type":"info","f":"phase","value":"final"}
        {"time":360,"process":3,"type":"invoke","f":"get","key":"k"}
        {"time":370,"process":3,"type":"ok","f":"get","key":"k","value":["0-2"]}
        {"time":380,"process":3,"type":"invoke","f":"get","key":"k"}
        {"time":390,"process":3,"type":"fail","f":"get","key":"k"}
        {"time":400,"process":"inspector","type":"ok","f":"replica","node":"n2","key":"k","home":true,"value":[{"v":"0-2"}]}
        {"time":410,"process":"nemesis","type":"info","f":"partition","value":[["n1"],["n2"]]}
        {"time":450,"process":3,"type":"invoke","f":"get","key":"k"}
        """#

    @Test func everythingIsCountedOnce() throws {
        let history = try JSONLines.parse(Array(Self.lines.utf8), file: "h")
        try history.validate(file: "h")
        let exercise = Exercise(history)
        func outcomes(_ all: Exercise.Outcomes) -> [Int] { [all.ok, all.fail, all.info] }
        #expect(outcomes(exercise.gets) == [2, 2, 1])
        #expect(outcomes(exercise.puts) == [2, 1, 1])
        #expect(outcomes(exercise.deletes) == [1, 0, 0])
        #expect([exercise.kills, exercise.pauses, exercise.partitions] == [1, 1, 3])
        // From the first of two cuts to the heal, and from the last to the end.
        #expect(exercise.timeCut == 40 + 40)
        // The put of 0-2: the delete does not count, nor what nobody acknowledged.
        #expect(exercise.acknowledgedWhileHomeAffected == 1)
        #expect(exercise.siblingReads == 1)
        #expect(exercise.finalReads == 1)
        #expect(exercise.convergence == 5)
        #expect(exercise.span == 350)
    }
}
