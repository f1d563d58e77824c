namespace KisFeed.Cli.Tests.Deployment;

/// <summary>The settings of a systemd unit in deploy/.</summary>
internal static class UnitFile
{
    /// <summary>The value of a setting that a unit has once. An empty value, which removes an earlier one, does not count.</summary>
    public static string Value(string path, string name) =>
        File.ReadAllText(path).Replace(" \\\n    ", " ", StringComparison.Ordinal).Split('\n')
            .Single(line => line.StartsWith($"{name}=", StringComparison.Ordinal) && line.Length > name.Length + 1)[(name.Length + 1)..];
}
