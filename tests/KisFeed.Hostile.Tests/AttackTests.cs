using System.Net.Sockets;
using System.Net.WebSockets;
using KisFeed.Hostile.Attacks;

namespace KisFeed.Hostile.Tests;

/// <summary>
/// Conditions during attacks of some seconds: the process keeps running, health responds, others can connect and miss nothing, and
/// everything is recorded. They run alone: other tests that wait for minutes run at once before.
/// </summary>
[CollectionDefinition(nameof(AttackTests), DisableParallelization = true)]
[Collection(nameof(AttackTests))]
public sealed class AttackTests
{
    private const int FewDescriptors = 1_024;
    private const int Newcomers = 20;

    private static readonly TimeSpan s_attacked = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Attacks => [.. AttackList.Create().Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Other_consumers_are_not_affected(string name)
    {
        var attack = AttackList.Create().Single(a => a.Name == name);
        await using var testGateway = await AttackedGateway.StartAsync(FewDescriptors);
        await using var monitored = await MonitoredConsumer.ConnectAsync(testGateway);
        await monitored.WaitForMoreFramesAsync();

        using var end = new CancellationTokenSource(s_attacked);
        var attacking = attack.RunAsync(testGateway.Target, end.Token);
        await Patience.UntilAsync(() => attack.Attempts > 0);
        var admitted = 0;
        var attempted = 0;
        while (!end.IsCancellationRequested || attempted < Newcomers)
        {
            (await testGateway.IsHealthyAsync()).ShouldBeTrue();
            admitted += await IsAdmittedAsync(testGateway) ? 1 : 0;
            attempted++;
            // A new connection takes several requests, of which a consumer may send 50 per second.
            await monitored.WaitForMoreFramesAsync(more: 200);
        }

        await attacking;
        await monitored.WaitForMoreFramesAsync();

        if (name is not ("many-keys" or "rotating-keys"))
            attack.Refusals.ShouldBeGreaterThan(0, "nothing was refused");
        if (attack is FrameFlood flood)
            flood.Closes.ShouldBeGreaterThan(0, "no connection was closed with 1008");
        if (name == "idle")
            // A connection made at the same time as hundreds of others may be aborted with them.
            admitted.ShouldBeGreaterThan(attempted / 2);
        else
            admitted.ShouldBe(attempted);
        testGateway.Log.ShouldNotContain("Out of memory");
        testGateway.Log.Count(c => c == '\n').ShouldBeLessThan(200, "the log was flooded");
        await testGateway.ShouldHaveRecordedEverythingAsync(monitored);
    }

    [Fact]
    public async Task The_limit_of_descriptors_is_logged_at_the_start()
    {
        await using var testGateway = await AttackedGateway.StartAsync(FewDescriptors);
        testGateway.Log.ShouldContain("The gateway accepts only 674 connections instead of 4000: the process may have 1024 open files");
    }

    private static async Task<bool> IsAdmittedAsync(AttackedGateway testGateway)
    {
        try
        {
            await using var client = await testGateway.ConnectAsync();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or SocketException)
        {
            return false;
        }
    }
}
