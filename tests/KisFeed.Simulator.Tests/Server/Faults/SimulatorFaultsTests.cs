namespace KisFeed.Simulator.Tests.Server.Faults;

public sealed class SimulatorFaultsTests
{
    private static readonly string[] s_all =
    [
        "drop-after=200", "silent-after=500", "bad-utf8=0.001", "garbage=0.01", "kick-on-connect=3", "duplicate-ack", "lose-ack=0.5",
        "reorder-ack", "slow-ack=2s",
        "refuse=OPSP0008", "grow-columns=2", "other-customer", "split-frames", "mixed-keys", "approval-fails=4", "hold-app-key=90s",
    ];

    [Fact]
    public void Every_fault_round_trips()
    {
        var faults = SimulatorFaults.Parse(s_all);

        faults.ShouldBe(new SimulatorFaults
        {
            DropAfter = 200,
            SilentAfter = 500,
            BadUtf8 = 0.001,
            Garbage = 0.01,
            KickOnConnect = 3,
            DuplicateAck = true,
            LoseAck = 0.5,
            ReorderAck = true,
            SlowAck = TimeSpan.FromSeconds(2),
            Refuse = "OPSP0008",
            GrowColumns = 2,
            OtherCustomer = true,
            SplitFrames = true,
            MixedKeys = true,
            ApprovalFails = 4,
            HoldAppKey = TimeSpan.FromSeconds(90),
        });
        faults.ToTexts().ShouldBe(s_all);
        s_all.Select(text => text.Split('=')[0]).ShouldBe(SimulatorFaults.Kinds.Select(kind => kind.Name), "every fault is tested here");
    }

    [Theory]
    [InlineData("refuse=OPSP0011:2")]
    [InlineData("slow-ack=1.5m", "slow-ack=90s")]
    [InlineData("slow-ack=1h", "slow-ack=3600s")]
    [InlineData("hold-app-key=20ms")]
    [InlineData("hold-app-key=1.5s", "hold-app-key=1500ms")]
    [InlineData("bad-utf8=1")]
    [InlineData("bad-utf8=.25", "bad-utf8=0.25")]
    public void Other_notations_are_equivalent(string text, string? written = null) =>
        SimulatorFaults.Parse(text).ToTexts().ShouldBe([written ?? text]);

    [Fact]
    public void There_are_no_faults_by_default()
    {
        SimulatorFaults.None.ToTexts().ShouldBeEmpty();
        SimulatorFaults.Parse().ShouldBe(SimulatorFaults.None);
        SimulatorOptions.Default.Faults.ShouldBe(SimulatorFaults.None);
    }

    [Theory]
    [InlineData("drop", "'drop' is not a known fault; known faults: drop-after=N, silent-after=N, ")]
    [InlineData("", "'' is not a known fault; known faults: ")]
    [InlineData("DROP-AFTER=1", "'DROP-AFTER' is not a known fault")]
    [InlineData("drop-after", "'drop-after' lacks a value: write drop-after=N, where N is a whole number of at least 1")]
    [InlineData("drop-after=", "drop-after=N")]
    [InlineData("drop-after=0", "'drop-after=0' has an invalid value: write drop-after=N, where N is a whole number of at least 1")]
    [InlineData("drop-after=-1", "at least 1")]
    [InlineData("silent-after=1.5", "silent-after=N")]
    [InlineData("kick-on-connect=x", "kick-on-connect=N")]
    [InlineData("approval-fails=99999999999", "approval-fails=N")]
    [InlineData("grow-columns=101", "from 1 to 100")]
    [InlineData("bad-utf8=0", "bad-utf8=P, where P is a probability above 0 and up to 1")]
    [InlineData("garbage=1.01", "garbage=P")]
    [InlineData("lose-ack=1e-3", "lose-ack=P")]
    [InlineData("garbage=NaN", "garbage=P")]
    [InlineData("slow-ack=2", "slow-ack=DURATION, where DURATION is a number and a unit, such as 500ms")]
    [InlineData("slow-ack=0s", "slow-ack=DURATION")]
    [InlineData("hold-app-key=1000h", "hold-app-key=DURATION")]
    [InlineData("refuse=OPSP0000", "refuse=CODE[:COUNT], where CODE is a refusal such as OPSP0008")]
    [InlineData("refuse=8", "refuse=CODE")]
    [InlineData("refuse=OPSP0008:0", "at least 1")]
    [InlineData("refuse=OPSP0008:1:2", "refuse=CODE")]
    [InlineData("split-frames=2", "'split-frames=2' takes no value: write split-frames")]
    public void Invalid_faults_are_rejected_with_the_valid_values(string text, string expected)
    {
        SimulatorFaults.TryParse(["garbage=0.5", text], out var faults, out var error).ShouldBeFalse();

        error.ShouldContain(expected);
        faults.ShouldBe(SimulatorFaults.None);
        Should.Throw<FormatException>(() => SimulatorFaults.Parse(text)).Message.ShouldContain(expected);
    }

    [Fact]
    public void A_duplicate_fault_is_rejected()
    {
        SimulatorFaults.TryParse(["drop-after=1", "split-frames", "drop-after=2"], out _, out var error).ShouldBeFalse();
        error.ShouldBe("the fault drop-after is given twice: give it once");
    }
}
