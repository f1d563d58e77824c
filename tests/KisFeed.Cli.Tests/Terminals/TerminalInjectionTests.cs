using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Tests.Terminals;

/// <summary>Text of servers and captures cannot control the terminal.</summary>
public sealed class TerminalInjectionTests
{
    private const int Runs = 2_000;
    private const int AccountName = 16;
    private const int IssueName = 17;

    // Sets the title, clears the screen in two ways, reverses the text direction, starts lines.
    private const string Hostile = "\e]0;x\a\e[2J\u009b2J\u202e\r\n*** forged\n\u2028";

    [Fact]
    public async Task Records_on_a_terminal_are_separate_lines()
    {
        var text = await WriteAsync(
            Samples.Notice.Replace("삼성전자   F 2", Hostile, StringComparison.Ordinal),
            Samples.Bond.Replace("국고03250-5303", Hostile, StringComparison.Ordinal));

        text.Split('\n').Length.ShouldBe(3);
        text.ShouldNotContain("\r");
        ShouldBeHarmless(text.Replace("\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Any_content_of_a_record_is_harmless()
    {
        var random = new Random(TestRun.Seed);
        for (var run = 0; run < TestRun.Of(Runs); run++)
        {
            var fields = Samples.Notice.Split('^');
            foreach (var name in new[] { AccountName, IssueName })
            {
                fields[name] =
                    new string([.. Enumerable.Range(0, random.Next(1, 6))
                        .Select(_ => (char)(random.Next(3) == 0 ? random.Next(0x2000, 0x2070) : random.Next(1, 0xa0)))])
                        .Replace('^', ' ')
                        .Replace('|', ' ');
            }
            var text = await WriteAsync(string.Join('^', fields));
            ShouldBeHarmless(text.TrimEnd('\n'), $"seed {TestRun.Seed}, run {run}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Control_characters_are_removed_only_on_a_terminal(bool isTerminal)
    {
        // JSON escapes all of these except the characters that change the text direction.
        const string Name = "a\e[31mb\u202e";
        await using var stream = new MemoryStream();
        using var input = new MemoryStream(
            Encoding.UTF8.GetBytes(Samples.Bond.Replace("국고03250-5303(23-2)", Name, StringComparison.Ordinal)));
        var host = new CommandHost { Input = input, Output = stream, Error = TextWriter.Null, OutputIsTerminal = isTerminal };

        (await CommandLine.RunAsync(["decode"], host, CancellationToken.None)).ShouldBe(ExitCode.Success);

        var text = Encoding.UTF8.GetString(stream.ToArray());
        text.ShouldContain(isTerminal ? "a\\u001b[31mb\uFFFD" : "a\\u001b[31mb\u202e", Case.Insensitive);
    }

    [Fact]
    public void Text_is_sanitized_however_it_is_split()
    {
        var random = new Random(TestRun.Seed);
        var text = string.Concat(Enumerable.Repeat($"삼성전자 😀{Hostile} € \u009b", 20));
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var run = 0; run < TestRun.Of(Runs); run++)
        {
            using var output = new MemoryStream();
            using var terminal = new TerminalStream(output);
            for (var i = 0; i < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 40), bytes.Length - i);
                terminal.Write(bytes, i, length);
                i += length;
            }

            var written = Encoding.UTF8.GetString(output.ToArray());
            ShouldBeHarmless(
                written.Replace("\r\n", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal),
                $"seed {TestRun.Seed}, run {run}");
            written.Split("삼성전자 😀").Length.ShouldBe(21);
        }
    }

    [Fact]
    public void A_log_entry_is_one_line()
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var log = new HostLog(
            new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = error, Time = new ManualTimeProvider() },
            LogLevel.Information);

        log.Log(LogLevel.Warning, 1, Hostile, new InvalidOperationException($"a\r\n{Hostile}"), (text, _) => text);

        var lines = error.ToString().Split('\n');
        lines[0].ShouldEndWith("x\uFFFD\uFFFD[2J\uFFFD2J\uFFFD  *** forged  ");
        lines.ShouldAllBe(line => !line.TrimEnd('\r').Any(char.IsControl));
    }

    private static async Task<string> WriteAsync(params string[] frames)
    {
        await using var stream = new MemoryStream();
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = stream,
            Error = TextWriter.Null,
            OutputIsTerminal = true,
            Variable = name => name == "NO_COLOR" ? "1" : null,
        };
        WatchTarget[] targets = [.. frames.Select(Samples.TargetOf).Distinct()];
        await using (var output = new PlainTicks(host, targets, Samples.Readers(), new Palette(MarketColors.Korean)))
        {
            foreach (var frame in frames)
                Samples.Hand(output, Samples.TargetOf(frame), frame);
            await output.FlushAsync();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void ShouldBeHarmless(string text, string? because = null) =>
        text.Any(c => char.IsControl(c)
            || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator)
            .ShouldBeFalse($"{because}: {text}");
}
