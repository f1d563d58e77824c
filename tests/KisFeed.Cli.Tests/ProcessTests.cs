namespace KisFeed.Cli.Tests;

/// <summary>Tests that need a separate process: exit codes, signals, pipes.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("kisfeed feeds", ExitCode.Success)]
    [InlineData("kisfeed feed", ExitCode.Usage)]
    [InlineData("echo nonsense | kisfeed decode", ExitCode.MalformedData)]
    public async Task The_exit_code_reaches_the_shell(string line, int code)
    {
        await using var process = ProcessRunner.StartShell(line);

        (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(code, process.Errors);
    }

    [Theory]
    [InlineData("yes '0|H0STPGM0|001|005930^092237^1^2^3^4^5^6^7^8^-9' 2>/dev/null | kisfeed decode | head -1; echo ${PIPESTATUS[1]}")]
    [InlineData("kisfeed decode --help | true; echo; echo ${PIPESTATUS[0]}")]
    [InlineData("kisfeed feeds --format json | head -1; echo ${PIPESTATUS[0]}")]
    public async Task A_closed_output_ends_the_command_silently(string line)
    {
        await using var process = ProcessRunner.StartShell(line);

        await process.WaitForExitAsync(Patience.Limit);
        process.Output.TrimEnd().Split('\n').Length.ShouldBe(2, process.Output);
        process.Output.TrimEnd().ShouldEndWith("\n0");
        process.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_ends_a_decoder_that_waits_for_input(string signal)
    {
        await using var process = ProcessRunner.StartKisFeed("decode");
        await process.WriteLineAsync("""{"header":{"tr_id":"PINGPONG"}}""");
        (await process.ReadLineAsync(Patience.Limit)).ShouldBe("""{"control":"heartbeat","datetime":null}""");

        await process.SignalAsync(signal);

        (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Interrupted, process.Errors);
        process.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_started_with_nohup_survives_the_end_of_its_terminal()
    {
        await using var decoder = ProcessRunner.Start(
            "/bin/bash", ["-c", "trap '' HUP; exec \"$@\"", "kisfeed", .. ProcessRunner.KisFeed, "decode"]);
        await decoder.WriteLineAsync("""{"header":{"tr_id":"PINGPONG"}}""");
        (await decoder.ReadLineAsync(Patience.Limit)).ShouldBe("""{"control":"heartbeat","datetime":null}""");

        await decoder.SignalAsync("HUP");
        await decoder.WriteLineAsync("""{"header":{"tr_id":"PINGPONG"}}""");

        (await decoder.ReadLineAsync(Patience.Limit)).ShouldBe("""{"control":"heartbeat","datetime":null}""");
        decoder.Input.Close();
        (await decoder.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, decoder.Errors);
    }
}
