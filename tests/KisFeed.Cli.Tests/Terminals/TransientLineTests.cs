namespace KisFeed.Cli.Tests.Terminals;

public sealed class TransientLineTests
{
    private readonly TerminalScreen _screen = new(30, 4);

    [Fact]
    public void A_line_for_a_terminal_that_has_become_narrower_leaves_nothing_behind()
    {
        _screen.Write(TransientLine.Of("connected, simulated · recorded 0 · 1 key · 0 connections · 0 streams …"));
        _screen.Write(TransientLine.Of("connected, simulated …"));
        _screen.Text.ShouldBe("connected, simulated …");
        _screen.Write(TransientLine.Clear);
        _screen.Text.ShouldBeEmpty();
    }

    [Fact]
    public void A_line_that_the_terminal_wraps_when_it_becomes_narrower_is_replaced_whole()
    {
        _screen.Resize(80, 4);
        _screen.Write(TransientLine.Of("connected, simulated · recorded 0 · 1 key · 0 connections · 0 streams …"));
        _screen.Resize(30, 4);
        _screen.Lines.Count(line => line.Length > 0).ShouldBe(3);
        _screen.Write(TransientLine.Of("connected, simulated …"));
        _screen.Text.ShouldBe("connected, simulated …");
    }
}
