using System.Globalization;

namespace KisFeed.Tests.Session;

public sealed class SessionSimulationTests
{
    private const int Seeds = 1_500;

    [Fact]
    public void Whatever_happens_the_server_ends_up_with_what_is_wanted()
    {
        var only = Environment.GetEnvironmentVariable("KISFEED_SESSION_SEED");
        var seeds = only is null ? Enumerable.Range(1, Seeds) : [int.Parse(only, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
        {
            try
            {
                new SessionSimulation(seed).Run(steps: 200);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}; replay it with KISFEED_SESSION_SEED={seed}", e);
            }
        }
    }
}
