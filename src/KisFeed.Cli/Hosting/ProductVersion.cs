using System.Reflection;

namespace KisFeed.Cli.Hosting;

internal static class ProductVersion
{
    /// <summary>The version, with the source revision.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The version alone.</summary>
    public static string WithoutRevision => Text.Split('+')[0];
}
