import Dynamo
import Foundation
import RiakProtocol
import Testing
import Wire

/// What an acknowledgement rested on, as the wire shows it: told below W when it was, and never when it was not or nobody can know.
@Suite struct AcknowledgementTests {
    /// A put through n1, which coordinates it, up to the point where n2 has been asked.
    private func begun(_ scene: Scene, _ counter: UInt64 = 1, w: UInt32? = nil) {
        scene.ask(1, Scene.put("3-\(counter)", w: w))
        let siblings = Scene.siblings(Scene.dot(1, counter))
        for peer in [2, 3] {
            scene.tell(1, peer, .replicate(request: counter * 2, key: Scene.key, siblings: siblings, hintFor: nil))
        }
    }

    private func decisions(_ scene: Scene) -> [AcknowledgedPut] { scene.analysis.takeDecided(atEnd: true) }

    @Test func aPutWithItsCopiesIsSound() {
        let scene = Scene()
        begun(scene)
        scene.tell(2, 1, .replicated(request: 2, ok: true))
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene) == [AcknowledgedPut(id: "3-1", w: 2, acknowledgements: 1, coordinator: "n1")])
        #expect(scene.analysis.report.belowW == 0 && scene.analysis.report.judged == 1)
    }

    @Test func anAcknowledgementBeforeAnyCopyIsBelowW() {
        let scene = Scene()
        begun(scene)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        scene.tell(2, 1, .replicated(request: 2, ok: true))
        #expect(decisions(scene) == [AcknowledgedPut(id: "3-1", w: 2, acknowledgements: 0, coordinator: "n1")])
        #expect(scene.analysis.report.belowW == 1)
    }

    @Test func whatWasSentAndNotDeliveredCountsForNothing() {
        let scene = Scene()
        begun(scene)
        scene.tell(2, 1, .replicated(request: 2, ok: true), seen: .sentOnly)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene).map(\.acknowledgements) == [0])
    }

    @Test func aRefusalAndAnotherPutsAnswerCountForNothing() {
        let scene = Scene()
        begun(scene)
        scene.tell(2, 1, .replicated(request: 2, ok: false))
        scene.tell(3, 1, .replicated(request: 4, ok: true))
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene).map(\.isBelowW) == [true])
    }

    @Test(arguments: [(UInt32(1), false), (2, false), (3, true), (QuorumWord.all, true)])
    func theRequestsOwnWCounts(w: UInt32, isBelow: Bool) {
        let scene = Scene()
        begun(scene, w: w)
        scene.tell(2, 1, .replicated(request: 2, ok: true))
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene).map(\.isBelowW) == [isBelow])
    }

    @Test func oneNodeThatSaysItTwiceIsOneCopy() {
        let scene = Scene(w: 3)
        begun(scene)
        scene.tell(2, 1, .replicated(request: 2, ok: true))
        scene.tell(2, 1, .replicated(request: 2, ok: true))
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene).map(\.acknowledgements) == [1])
    }

    // MARK: - Forwarded

    private func forwarded(_ scene: Scene, copies: Bool, answers: Bool) {
        let put = PutRequest(key: Scene.key, context: .init(), content: Content(value: Array("3-1|".utf8)))
        let dot = Scene.dot(1, 1)
        scene.ask(3, Scene.put("3-1"))
        scene.tell(3, 1, .forwardPut(request: 90, put))
        scene.tell(1, 2, .replicate(request: 2, key: Scene.key, siblings: Scene.siblings(dot), hintFor: nil))
        if copies { scene.tell(2, 1, .replicated(request: 2, ok: true)) }
        if answers {
            scene.tell(1, 3, .forwarded(request: 90, .put(dot: dot, clock: .init(), siblings: Scene.siblings(dot))))
        }
        scene.answer(3, Scene.acknowledgement(dot))
        scene.tell(2, 1, .replicated(request: 2, ok: true))
    }

    @Test(arguments: [(true, true, 1), (false, true, 0), (true, false, 0)])
    func aForwardedPutIsJudgedAtItsCoordinator(copies: Bool, answers: Bool, expected: Int) {
        let scene = Scene()
        forwarded(scene, copies: copies, answers: answers)
        #expect(
            decisions(scene) == [AcknowledgedPut(id: "3-1", w: 2, acknowledgements: expected, coordinator: "n1")])
    }

    // MARK: - What nobody can know

    @Test func whatTheCaptureMissedIsNotHeldAgainstTheStore() {
        let scene = Scene()
        begun(scene)
        scene.tell(2, 1, .replicated(request: 2, ok: true), seen: .notAtAll)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        // The node confirms to have got what the capture has not: only now the gap shows.
        scene.confirm(2, 1)
        #expect(decisions(scene).isEmpty)
        let report = scene.analysis.report
        #expect(report.unjudged == 1 && report.gaps > 0)
    }

    @Test func droppedPacketsExcuseOnlyWhatTheyMayHaveHidden() {
        let scene = Scene()
        begun(scene)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        scene.analysis.missed(port: 0, packets: 3, from: scene.time - 50_000, to: scene.time)
        scene.time += 5_000_000
        begun(scene, 2)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 2)))
        #expect(decisions(scene).map(\.id) == ["3-2"])
        #expect(scene.analysis.report.unjudged == 1 && scene.analysis.report.dropped == 3)
    }

    @Test func seenCopiesCountWhateverElseWasMissed() {
        let scene = Scene()
        begun(scene)
        scene.tell(2, 1, .replicated(request: 2, ok: true))
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        scene.analysis.missed(port: 0, packets: 3, from: 0, to: scene.time)
        #expect(decisions(scene).map(\.acknowledgements) == [1])
    }

    @Test func whereABucketsPropertiesWereSetTheStoresWSaysNothing() {
        let scene = Scene()
        scene.ask(2, Frame(.setBucketRequest, body: Data([1])))
        begun(scene)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene).isEmpty && scene.analysis.report.unjudged == 1)
    }

    @Test func aDialogueWithAHoleIsNotRead() {
        let scene = Scene()
        scene.ask(1, Scene.put("3-9"), seen: .notAtAll)
        begun(scene)
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 9)))
        scene.answer(1, Scene.acknowledgement(Scene.dot(1, 1)))
        #expect(decisions(scene).isEmpty, "whose answer it is nobody knows")
    }

    @Test func aDeleteIsAWriteAndOneOfNothingIsNone() {
        let scene = Scene()
        scene.ask(1, Scene.delete("5-1"))
        scene.answer(1, Frame(.deleteResponse))
        scene.ask(1, Scene.delete("5-2"))
        var answer = DynoDelResp()
        answer.dot.actor = Data("n1.7".utf8)
        answer.dot.counter = 4
        scene.answer(1, try? Frame(.deleteResponse, answer))
        #expect(decisions(scene).map(\.id) == ["5-2"])
    }

    // MARK: - Counts

    @Test func messagesAreCountedWhereTheyArrive() {
        let scene = Scene()
        scene.tell(1, 2, .handoff(request: 1, key: Scene.key, siblings: Scene.siblings(Scene.dot(1, 1))))
        scene.tell(1, 2, .handoff(request: 3, key: Scene.key, siblings: Siblings()), seen: .sentOnly)
        scene.tell(2, 1, .handedOff(request: 1, ok: true))
        scene.tell(
            2, 3,
            .repair(
                exchange: 1, partition: 2, objects: [.init(key: Scene.key, siblings: Siblings())], wanted: []))
        let report = scene.analysis.report
        #expect(report.total(kind: "handoff").messages == 1 && report.hintsAcknowledged == 1)
        #expect(report.objectsRepaired == 1 && report.total(of: "exchange").messages == 1)
        let link = report.links.first { $0.from == "n1" && $0.to == "n2" }
        #expect(link.map { $0.sent.reduce(0, +) - $0.delivered.reduce(0, +) } == 1)
        let text = WireText.text(of: report)
        #expect(text.contains("n1 → n2") && text.contains("1 confirmed durable"))
    }
}
