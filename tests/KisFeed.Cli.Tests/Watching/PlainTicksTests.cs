using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Tests.Watching;

public sealed class PlainTicksTests
{
    [Fact]
    public async Task The_published_samples_are_formatted_for_people()
    {
        var text = await WriteAsync(isTerminal: false, MarketColors.Korean, Samples.Index, Samples.Bond, Samples.Program, Samples.Notice);

        text.Split('\n').ShouldBe(
        [
            "09:12:40 H0UPCNT0 0001         KOSPI 코스피            2,624.54    ▲32.68   +1.26%  vol      63,952  value   1,650,684",
            "13:17:43 H0BJCNT0 KR103502GD31 국고03250-5303(23-2)   10,575.00     ▲5.00   +0.05%  vol   6,594,124  yield  3.012%",
            "09:22:37 H0STPGM0 005930       삼성전자              net   -224,036  buy  1,189,408  sell  1,413,444  net KRW  -17,227,936,700",
            "09:58:35 H0IFCNI0 abcd1234     삼성전자 F 2          buy      2  at 7,840,000  fill   confirmed  order 0000001666",
            "",
        ]);
    }

    [Fact]
    public async Task Down_unchanged_and_the_limits_have_their_own_arrows()
    {
        var text = await WriteAsync(
            isTerminal: false,
            MarketColors.Korean,
            Samples.Index.Replace("^2^32.68^", "^5^-32.68^"),
            Samples.Index.Replace("^2^32.68^", "^3^0.00^"),
            Samples.Index.Replace("^2^32.68^", "^1^32.68^"),
            Samples.Index.Replace("^2^32.68^", "^4^-32.68^"),
            Samples.Index.Replace("^2^32.68^", "^^-32.68^"),
            Samples.Index.Replace("^2^32.68^", "^^^"));

        text.TrimEnd().Split('\n').Select(line => line[50..].Split("  ", StringSplitOptions.RemoveEmptyEntries)[1].Trim())
            .ShouldBe(["▼32.68", "0.00", "↑32.68", "↓32.68", "▼32.68", "-"]);
    }

    [Theory]
    [InlineData(MarketColors.Korean, "\e[91m", "\e[94m")]
    [InlineData(MarketColors.Western, "\e[32m", "\e[91m")]
    internal async Task On_a_terminal_up_and_down_have_their_colours(MarketColors colors, string up, string down)
    {
        (await WriteAsync(isTerminal: true, colors, Samples.Index)).ShouldContain($"{up}  ▲32.68\e[0m");
        (await WriteAsync(isTerminal: true, colors, Samples.Program)).ShouldContain($"{down}  -224,036\e[0m");
    }

    [Fact]
    public async Task NO_COLOR_is_honoured() =>
        (await WriteAsync(isTerminal: true, MarketColors.Korean, [Samples.Index], ("NO_COLOR", "1"))).ShouldNotContain("\e");

    [Fact]
    public async Task An_empty_NO_COLOR_is_not_set() =>
        (await WriteAsync(isTerminal: true, MarketColors.Korean, [Samples.Index], ("NO_COLOR", ""))).ShouldContain("\e");

    [Fact]
    public async Task A_wider_value_widens_its_column_permanently()
    {
        var lines = (await WriteAsync(
            isTerminal: false, MarketColors.Korean, Samples.Index, Samples.Index.Replace("2624.54", "123456789012.54"), Samples.Index))
            .Split('\n');

        var after = lines[1].IndexOf("+1.26%", StringComparison.Ordinal);
        after.ShouldBeGreaterThan(lines[0].IndexOf("+1.26%", StringComparison.Ordinal));
        lines[2].IndexOf("+1.26%", StringComparison.Ordinal).ShouldBe(after);
    }

    [Fact]
    public async Task A_gap_is_a_separate_line_and_an_interruption_is_not_printed()
    {
        await using var stream = new MemoryStream();
        var host = new CommandHost { Input = Stream.Null, Output = stream, Error = TextWriter.Null };
        var target = Samples.TargetOf(Samples.Program);
        await using (var output = new PlainTicks(host, [target], Samples.Readers(), new Palette(MarketColors.Korean)))
        {
            output.Write(new TickItem(target, new Interruption { At = Samples.ReceivedAt, Reason = GapReason.ConnectionLost }));
            output.Write(new TickItem(target, new Gap
            {
                Reason = GapReason.ConnectionLost,
                From = Samples.ReceivedAt,
                To = Samples.ReceivedAt.AddSeconds(72),
                MissedVolume = 12_345,
            }));
            await output.FlushAsync();
        }

        Encoding.UTF8.GetString(stream.ToArray()).ShouldBe(
            "*** H0STPGM0 005930: data may be missing from 09:12:41.000 to 09:13:53.000 (1 min 12 s): the connection was "
            + "lost; 12,345 shares missed\n");
    }

    private static Task<string> WriteAsync(bool isTerminal, MarketColors colors, params string[] frames) =>
        WriteAsync(isTerminal, colors, frames, null);

    private static async Task<string> WriteAsync(
        bool isTerminal, MarketColors colors, string[] frames, (string Name, string Value)? variable)
    {
        await using var stream = new MemoryStream();
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = stream,
            Error = TextWriter.Null,
            OutputIsTerminal = isTerminal,
            Variable = name => name == variable?.Name ? variable?.Value : null,
        };
        WatchTarget[] targets = [.. frames.Select(Samples.TargetOf).Distinct()];
        await using (var output = new PlainTicks(host, targets, Samples.Readers(), new Palette(colors)))
        {
            foreach (var frame in frames)
                Samples.Hand(output, Samples.TargetOf(frame), frame);
            await output.FlushAsync();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
