using System.Net.Sockets;
using System.Net.WebSockets;
using KisFeed.Hostile.Attacks;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace KisFeed.Hostile.Tests;

/// <summary>What must hold while a gateway is attacked, for a few seconds each: the process lives, health is answered, others get in and miss nothing, and everything is recorded.</summary>
public sealed class AttackTests
{
    private const int FewDescriptors = 1_024;
    private const int Newcomers = 20;

    private static readonly TimeSpan s_attacked = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Attacks => [.. AttackList.Create().Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Others_do_not_notice(string name)
    {
        var attack = AttackList.Create().Single(a => a.Name == name);
        await using var stage = await HostileStage.StartAsync(FewDescriptors);
        await using var victim = await Victim.ConnectAsync(stage);
        await victim.GoesOnAsync();

        using var end = new CancellationTokenSource(s_attacked);
        var attacking = attack.RunAsync(stage.Target, end.Token);
        await Patience.UntilAsync(() => attack.Attempts > 0);
        var admitted = 0;
        var tried = 0;
        while (!end.IsCancellationRequested || tried < Newcomers)
        {
            (await stage.IsHealthyAsync()).ShouldBeTrue();
            admitted += await IsAdmittedAsync(stage) ? 1 : 0;
            tried++;
            await victim.GoesOnAsync(more: 200); // A newcomer is some requests, of which the consumer may make 50 a second.
        }

        await attacking;
        await victim.GoesOnAsync();

        if (name is not ("many-keys" or "rotating-keys"))
            attack.Refusals.ShouldBeGreaterThan(0, "nothing was refused");
        if (attack is FrameFlood flood)
            flood.Closes.ShouldBeGreaterThan(0, "no connection was closed with 1008");
        if (name == "idle")
            admitted.ShouldBeGreaterThan(tried / 2); // Who comes while hundreds of sockets are made at once may be broken off with them.
        else
            admitted.ShouldBe(tried);
        stage.Log.ShouldNotContain("Out of memory");
        stage.Log.Count(c => c == '\n').ShouldBeLessThan(200, "the log was flooded");
        await stage.ShouldHaveRecordedEverythingAsync(victim);
    }

    [Fact]
    public async Task The_limit_of_descriptors_is_said_at_the_start()
    {
        await using var stage = await HostileStage.StartAsync(FewDescriptors);
        stage.Log.ShouldContain("The gateway accepts only 674 connections instead of 4000: the process may have 1024 open files");
    }

    private static async Task<bool> IsAdmittedAsync(HostileStage stage)
    {
        try
        {
            await using var client = await stage.ConnectAsync();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or SocketException)
        {
            return false;
        }
    }
}
