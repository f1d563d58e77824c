using System.Text.Json;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

/// <summary>Printable text contains no terminal control characters and no line breaks.</summary>
public sealed class PrintableTextTests
{
    private const int Runs = 20_000;

    [Theory]
    [InlineData("SUBSCRIBE SUCCESS", "SUBSCRIBE SUCCESS")]
    [InlineData("정상처리 되었습니다 ▲ 😀", "정상처리 되었습니다 ▲ 😀")]
    [InlineData("no\r\n12:00:00 critical: forged", "no  12:00:00 critical: forged")]
    [InlineData("\u001b]0;title\u0007\u009b2J\u007f", "\uFFFD]0;title\uFFFD\uFFFD2J\uFFFD")]
    [InlineData("a\u2028b\u2029c\u0085d\te", "a b c d e")]
    [InlineData("\u202egnp.exe\u2066\u200f\u061c", "\uFFFDgnp.exe\uFFFD\uFFFD\uFFFD")]
    [InlineData("\U000E0041", "\uFFFD")]
    public void Control_characters_are_replaced(string text, string expected) => PrintableText.Clean(text).ShouldBe(expected);

    [Fact]
    public void A_clean_text_is_not_copied()
    {
        var text = string.Concat("clean", "text");
        PrintableText.Clean(text).ShouldBeSameAs(text);
        PrintableText.CleanLines("a\r\nb\u001b").ShouldBe("a\r\nb\uFFFD");
    }

    [Fact]
    public void Unpaired_surrogates_are_replaced() => PrintableText.Clean("a\ud83db\ude00").ShouldBe("a\uFFFDb\uFFFD");

    [Fact]
    public void Texts_of_a_control_message_have_no_control_characters()
    {
        var random = new Random(TestRun.Seed);
        for (var run = 0; run < TestRun.Of(Runs); run++)
        {
            var texts = Enumerable.Range(0, 4).Select(_ => TextOf(random)).ToArray();
            var reply = Parse<BrokerReply>($$$"""{"header":{"tr_id":{{{texts[0]}}},"tr_key":{{{texts[1]}}}}"""
                + $$$""","body":{"rt_cd":"1","msg_cd":{{{texts[2]}}},"msg1":{{{texts[3]}}}}}""");
            foreach (var text in new[] { reply.TrId, reply.TrKey, reply.Code.Value, reply.Text, reply.ToString() })
                ShouldBeClean(text, run);
            var serverEvent = Parse<ServerEvent>($$$"""{"kisfeed":{"event":"refused","trId":{{{texts[0]}}},"key":{{{texts[1]}}}"""
                + $$$""","code":{{{texts[2]}}},"text":{{{texts[3]}}},"reason":{{{texts[0]}}},"source":{{{texts[1]}}}}}""");
            foreach (var text in new[]
            {
                serverEvent.TrId,
                serverEvent.TrKey,
                serverEvent.Code,
                serverEvent.Text,
                serverEvent.Reason,
                serverEvent.Source,
            })
            {
                ShouldBeClean(text, run);
            }
        }
    }

    [Fact]
    public void Texts_in_another_encoding_have_no_control_characters()
    {
        var message = Encoding.Latin1.GetBytes("""{"header":{"tr_id":"H0UPCNT0"},"body":{"rt_cd":"1","msg_cd":"OPSP0007","msg1":"§§§"}}"""
            .Replace("§§§", "\u00e9\u009b2J", StringComparison.Ordinal));
        ControlMessage.TryParse(message, out _).ShouldBeOfType<BrokerReply>().Text.ShouldBe("\uFFFD2J");
    }

    private static TMessage Parse<TMessage>(string json)
        where TMessage : ControlMessage => ControlMessage.TryParse(Encoding.UTF8.GetBytes(json), out _).ShouldBeOfType<TMessage>();

    private static string TextOf(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(20); i > 0; i--)
        {
            var next = random.Next(6) switch
            {
                0 => random.Next(0x20),
                1 => random.Next(0x7f, 0xa0),
                2 => random.Next(0x2000, 0x2070),
                3 => random.Next(0xac00, 0xd7a3),
                4 => random.Next(0xe0000, 0xe0080),
                _ => random.Next(0x20, 0x7f),
            };
            text.Append(new Rune(next));
        }

        return JsonSerializer.Serialize(text.ToString());
    }

    private static void ShouldBeClean(string? text, int run) => (text ?? "").EnumerateRunes()
        .Any(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator)
        .ShouldBeFalse($"seed {TestRun.Seed}, run {run}: {text}");
}
