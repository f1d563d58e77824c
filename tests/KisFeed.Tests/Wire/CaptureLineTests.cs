using KisFeed.Output;

namespace KisFeed.Tests.Wire;

public sealed class CaptureLineTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 0, 1, TimeSpan.Zero);

    [Theory]
    [InlineData("0|H0UPCNT0|001|0001", "2026-11-20T00:00:01.0000000Z 0|H0UPCNT0|001|0001\n")]
    [InlineData("a\nb", "# {\"at\":\"2026-11-20T00:00:01.0000000Z\",\"event\":\"frame\",\"feed\":\"H0UPCNT0\",\"base64\":\"YQpi\"}\n")]
    [InlineData("a\rb", "# {\"at\":\"2026-11-20T00:00:01.0000000Z\",\"event\":\"frame\",\"feed\":\"H0UPCNT0\",\"base64\":\"YQ1i\"}\n")]
    public void A_frame_is_written_as_text_or_as_an_event_and_read_back(string frame, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        CaptureLine.Write(output, "H0UPCNT0", Encoding.UTF8.GetBytes(frame), s_at);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(expected);
        CaptureLine.TryRead(output.WrittenMemory[..^1], out var line).ShouldBeTrue();
        line.At.ShouldBe(s_at);
        Encoding.UTF8.GetString(line.Frame.Span).ShouldBe(frame);
        line.Event.ShouldBeNull();
    }

    [Fact]
    public void An_event_of_each_kind_is_read_as_it_was_written()
    {
        foreach (var kind in Enum.GetValues<CaptureEventKind>())
        {
            var written = new CaptureEvent
            {
                Kind = kind,
                At = s_at,
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.Paused,
                From = s_at,
                To = s_at.AddTicks(1),
                Frames = 3,
                Day = new DateOnly(2026, 11, 20),
                Session = "1",
                Code = "OPSP0008",
                Text = "가 \"b\"",
                IsStart = true,
            };
            var output = new ArrayBufferWriter<byte>();
            CaptureLine.Write(output, written);

            CaptureLine.TryRead(output.WrittenMemory[..^1], out var line).ShouldBeTrue();
            line.Frame.IsEmpty.ShouldBeTrue();
            (line.Event! with { Keys = written.Keys }).ToString().ShouldBe(written.ToString());
        }
    }

    /// <summary>Later versions may add members, events and reasons.</summary>
    [Theory]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"eclipse","new":{"a":1}}""", CaptureEventKind.Unknown, "eclipse")]
    [InlineData("""#{"event":"gap","at":"2026-11-20T00:00:01.0000000Z","reason":"eclipse","new":[]}""", CaptureEventKind.Gap, "gap")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"gap","key":null}""", CaptureEventKind.Gap, "gap")]
    public void What_is_not_known_is_ignored(string text, CaptureEventKind kind, string name)
    {
        CaptureLine.TryRead(Encoding.UTF8.GetBytes(text), out var line).ShouldBeTrue();

        line.Event!.Kind.ShouldBe(kind);
        line.Event.Name.ShouldBe(name);
        line.Event.Reason.ShouldBeNull();
        line.Event.Key.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("# []")]
    [InlineData("# {}")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z"}""")]
    [InlineData("""# {"event":"gap"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":null}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01Z","event":"gap"}""")]
    [InlineData("""# {"at":"2026-11-20T09:00:01.0000000+09:00","event":"gap"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"gap","from":"2026-11-20"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"gap","frames":"3"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"gap","frames":1.5}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"gap","key":1}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"day","day":"20261120"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"capture","keys":"0001"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"capture","start":1}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"frame"}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"frame","base64":""}""")]
    [InlineData("""# {"at":"2026-11-20T00:00:01.0000000Z","event":"frame","base64":"?"}""")]
    [InlineData("2026-11-20T00:00:01.0000000Z")]
    [InlineData("2026-11-20T00:00:01.0000000Z ")]
    [InlineData("2026-11-20T00:00:61.0000000Z x")]
    [InlineData("2026-11-20T00:00:01.000000Z x")]
    [InlineData("2026-11-20T00:00:01.0000000+09:00 x")]
    [InlineData("0|H0UPCNT0|001|0001")]
    public void Other_lines_are_not_read(string text)
    {
        CaptureLine.TryRead(Encoding.UTF8.GetBytes(text), out var line).ShouldBeFalse();
        line.ShouldBe(default);
    }
}
