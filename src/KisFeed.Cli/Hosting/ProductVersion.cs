using System.Reflection;

namespace KisFeed.Cli.Hosting;

/// <summary>The version of the command.</summary>
internal static class ProductVersion
{
    /// <summary>The version, with the source revision.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
