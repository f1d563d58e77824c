using KisFeed.Hostile.Attacks;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// Measures the effect of attacks on a consumer, on health checks and on memory, compared with alternating runs without attacks.
/// </summary>
internal static class AttackRuns
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_betweenChecks = TimeSpan.FromMilliseconds(200);

    /// <summary>Measures an attack, or with the name <c>all</c> each in turn.</summary>
    public static async Task<int> MeasureAsync(string name, DeliveryOptions options)
    {
        var names = AttackList.Create().Select(attack => attack.Name).Where(n => name == "all" || n == name)
            .Take(options.IsBrief ? 1 : int.MaxValue).ToList();
        if (names.Count == 0)
        {
            await Console.Error.WriteLineAsync(
                $"'{name}' is not an attack. Use all or one of {string.Join(", ", AttackList.Create().Select(attack => attack.Name))}.");
            return 64;
        }

        Print($"{options.Rate} frames per second for {options.Measured.TotalSeconds:0} s to one consumer in the broker's protocol");
        Print($"{"run",-22}{"p50 ms",10}{"p99 ms",10}{"max ms",10}{"peak MiB",10}{"CPU %",8}{"missing",9}{"health",12}"
            + $"{"attempts",10}{"refused",9}");
        var isGood = true;
        foreach (var attack in names)
        {
            var (before, during) = (new List<Delivery>(), new List<Delivery>());
            for (var round = 0; round < options.Rounds; round++)
            {
                var quiet = await RunAsync(options, null);
                Print("quiet", quiet);
                var attacked = await RunAsync(options, AttackList.Create().Single(a => a.Name == attack));
                Print(attack, attacked);
                before.Add(quiet.Delivery);
                during.Add(attacked.Delivery);
                isGood &= quiet.Delivery.Missing + attacked.Delivery.Missing == 0 && attacked.Healthy == attacked.Checks;
            }

            Print($"{attack}: p99 {Times(d => d.Quantile(0.99)):0.00} times, p50 {Times(d => d.Quantile(0.5)):0.00} times, peak memory "
                + $"{Times(d => d.PeakMemory):0.00} times the quiet value (medians of {options.Rounds} rounds)");

            double Times(Func<Delivery, double> value) => Median(during, value) / Median(before, value);
        }

        return isGood ? 0 : 1;
    }

    private static async Task<AttackedRun> RunAsync(DeliveryOptions options, Attack? attack)
    {
        await using var service = new StampedService(options.Frames, options.Rate);
        await service.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(service.Url);
        await service.WaitForRegistrationAsync();
        var log = new DelayLog(service, options.FirstMeasured, options.Frames);
        using var victim = await Consumer.ConnectBrokerAsync(gateway.Port, await gateway.ApprovalKeyAsync(), log.Add);
        var reading = Task.Run(victim.ReadAsync);
        using var end = new CancellationTokenSource();
        var sending = Task.Run(service.SendAsync);
        await Task.Delay(options.WarmUp - TimeSpan.FromSeconds(1));
        var attacking = attack?.RunAsync(new AttackTarget(gateway.Port, Consumer.AppKey, Consumer.AppSecret), end.Token)
            ?? Task.CompletedTask;
        await Task.Delay(TimeSpan.FromSeconds(1));
        var processor = gateway.Process.ProcessorTime;
        var (checks, healthy) = (0, 0);
        for (; !sending.IsCompleted; checks++)
        {
            healthy += await gateway.IsHealthyAsync() ? 1 : 0;
            await Task.Delay(s_betweenChecks);
        }

        processor = gateway.Process.ProcessorTime - processor;
        await log.Completion.WaitAsync(s_timeout);
        await end.CancelAsync();
        await attacking;
        var delivery = new Delivery(
            [.. log.Delays.Order()], log.Missing, gateway.Process.Memory("VmHWM"), processor / options.Measured, 0, 0);
        victim.Dispose();
        await reading;
        return new AttackedRun(delivery, checks, healthy, attack?.Attempts ?? 0, attack?.Refusals ?? 0);
    }

    private static double Median(List<Delivery> runs, Func<Delivery, double> value) => runs.Select(value).Order().ElementAt(runs.Count / 2);

    private static void Print(string name, AttackedRun run) => Print(
        $"{name,-22}{run.Delivery.Quantile(0.5),10:0.00}{run.Delivery.Quantile(0.99),10:0.00}{run.Delivery.Quantile(1),10:0.00}"
        + $"{run.Delivery.PeakMemory / 1048576.0,10:0}{run.Delivery.Processor * 100,8:0}{run.Delivery.Missing,9}"
        + $"{$"{run.Healthy}/{run.Checks}",12}{run.Attempts,10}{run.Refusals,9}");

    private static void Print(string line) => Console.WriteLine(line);

    /// <summary>The figures of one run.</summary>
    /// <param name="Delivery">The figures of the consumer.</param>
    /// <param name="Checks">Health checks.</param>
    /// <param name="Healthy">Successful health checks.</param>
    /// <param name="Attempts">Attempts of the attackers.</param>
    /// <param name="Refusals">Refused attempts.</param>
    private sealed record AttackedRun(Delivery Delivery, int Checks, int Healthy, long Attempts, long Refusals);
}
