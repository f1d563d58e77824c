using System.Globalization;

namespace KisFeed.Gateway.Delay;

/// <summary>Measures the memory of connections that receive only heartbeats.</summary>
internal static class IdleConnections
{
    private const int SmallBuffer = 4 * 1024;
    private const int First = 50;

    // Long enough for a heartbeat on each connection.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(15);

    public static async Task<int> MeasureAsync(int count)
    {
        foreach (var isStream in (bool[])[true, false])
        {
            await using var service = new StampedService(frames: 1, rate: 1);
            await service.StartAsync();
            await using var gateway = await GatewayProcess.StartAsync(service.Url);
            await service.WaitForRegistrationAsync();
            var approvalKey = await gateway.ApprovalKeyAsync();
            var consumers = new List<Consumer>();

            // The first connections create shared code and pools.
            await OpenAsync(First);
            var before = gateway.Memory("VmRSS");
            await OpenAsync(count);
            var grown = gateway.Memory("VmRSS") - before;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{count} idle {(isStream ? "streams (SSE)" : "broker connections")}: {grown / 1024.0 / count:0.0} KiB each; the process {before / 1048576.0:0} MiB before, {(before + grown) / 1048576.0:0} MiB with them"));
            consumers.ForEach(consumer => consumer.Dispose());

            async Task OpenAsync(int more)
            {
                for (var i = 0; i < more; i++)
                {
                    var consumer = isStream
                        ? await Consumer.ConnectStreamAsync(gateway.Port, static _ => { }, SmallBuffer)
                        : await Consumer.ConnectBrokerAsync(gateway.Port, approvalKey, static _ => { }, SmallBuffer);
                    consumers.Add(consumer);
                    _ = Task.Run(consumer.ReadAsync);
                }

                await Task.Delay(s_settling);
            }
        }

        return 0;
    }
}
