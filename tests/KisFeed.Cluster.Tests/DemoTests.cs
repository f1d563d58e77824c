using System.Globalization;
using KisFeed.Cluster.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests;

/// <summary>The demo that shows people a cluster: it starts, survives the loss of an ingest, and leaves nothing behind.</summary>
[Collection(ClusterCollection.Name)]
public sealed class DemoTests(ITestOutputHelper report)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Every_key_continues_after_an_ingest_was_killed_and_nothing_is_left_behind()
    {
        var temporary = Directory.CreateTempSubdirectory("kisfeed-demo-");
        try
        {
            // The servers run as other users, who must be able to enter the folder.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary.FullName, (UnixFileMode)0b111_101_101);
            var output = await ProcessRunner.RunAsync(
                "bash",
                [
                    Path.Combine(RepositoryRoot.Path, "eng", "cluster-demo.sh"),
                    "--check",
                    string.Create(CultureInfo.InvariantCulture, $"{s_limit.TotalSeconds}"),
                    "--kisfeed",
                    Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli"),
                ],
                s_limit + TimeSpan.FromMinutes(1),
                new ProcessOptions
                {
                    Name = "cluster-demo.sh",
                    Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = temporary.FullName },
                });

            report.WriteLine(output);
            output.ShouldContain("Every key continues through ingest 2");
            output.ShouldContain("Gaps reported to the consumer: 5");
            output.ShouldContain("Passed");
            temporary.EnumerateFileSystemInfos("kisfeed-cluster-*").ShouldBeEmpty();
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }
}
