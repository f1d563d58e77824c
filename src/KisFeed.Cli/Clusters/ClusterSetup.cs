using KisFeed.Cli.Options;
using KisFeed.Coordination;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Clusters;

/// <summary>The schema of a cluster at the start of a gateway.</summary>
internal static class ClusterSetup
{
    /// <summary>
    /// Creates or updates the schema if that is necessary and possible. Otherwise the gateway starts all the same: the database may be away, or the schema may belong to another role.
    /// </summary>
    public static async Task TryUpdateAsync(CoordinationSettings settings, ILoggerFactory log, CancellationToken cancellationToken)
    {
        try
        {
            await settings.Database.UpdateSchemaAsync(cancellationToken);
        }
        catch (CoordinationException e)
        {
            ClusterLog.SchemaNotChecked(log.CreateLogger<ClusterDatabase>(), e.Message);
        }
    }
}
