using System.Globalization;
using System.Text;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>A stream answers or closes whatever a client sends; it never ignores messages while it stays open.</summary>
public sealed class SocketFuzzTests
{
    private const int Messages = 3_000;

    private static readonly string[] s_names =
        ["subscribe", "unsubscribe", "subscribe\\u0000", "\\ud800", "\\udc00\\ud800", "", "\\u0073ubscribe", "__proto__", "이름"];
    private static readonly string[] s_texts =
    [
        "index:0001", "index", ":", "", "\\ud83d\\ude00", "\\udfff", "index:\\ud800", "H0UPCNT0:\\u0000", "index:0001\\n", "x:y:z",
        "지수:0001",
    ];

    [Fact]
    public async Task Every_message_is_answered_or_closes_the_stream()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            isDown: true, with: options => options with { RegisterTimeout = TimeSpan.FromMilliseconds(1) });
        var random = new Random(TestRun.Seed);
        await RawClient.SendEachAsync(
            new Uri(testGateway.Url, "/v1/stream"), Enumerable.Range(0, TestRun.Of(Messages)).Select(_ => Message(random)));
        await Patience.UntilAsync(() => testGateway.Status.Totals.Streams == 0);
        testGateway.Log.Entries.ShouldNotContain(e => e.Text.Contains("handling a message failed", StringComparison.Ordinal));
    }

    private static byte[] Message(Random random)
    {
        var text = Encoding.UTF8.GetBytes(Json(random, depth: 0));
        var frame = RawClient.Frame(RawClient.Text, text);
        switch (random.Next(4))
        {
            case 0:
                var bytes = new byte[random.Next(300)];
                random.NextBytes(bytes);
                return RawClient.Frame((byte)random.Next(16), bytes, isFinal: random.Next(4) > 0);
            case 1:
                // After the header, whose length must stay valid.
                for (var changes = random.Next(4); changes >= 0; changes--)
                    frame[random.Next(frame.Length - text.Length, frame.Length)] ^= (byte)(1 << random.Next(8));
                return frame;
            default:
                return frame;
        }
    }

    private static string Json(Random random, int depth) => random.Next(depth == 0 ? 2 : 7) switch
    {
        0 or 1 when depth < 3 => $"{{{string.Join(
            ',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Pick(random, s_names)}\":{Json(random, depth + 1)}"))}}}",
        2 or 3 when depth < 4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(random, depth + 1)))}]",
        4 => (random.NextDouble() * 1e300).ToString("R", CultureInfo.InvariantCulture),
        5 => random.Next(2) == 0 ? "null" : "true",
        _ => $"\"{Pick(random, s_texts)}\"",
    };

    private static string Pick(Random random, string[] texts) => texts[random.Next(texts.Length)];
}
