using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>Where a gateway's dashboard is.</summary>
internal static class DashboardAddress
{
    /// <summary>Its address, or why there is none.</summary>
    public static string Of(GatewayServer server) => HtmlFiles.BuiltIn.Page is null
        ? "left out of this build: install Node.js 20.19 or newer and build again"
        : $"{server.RestUrl.GetLeftPart(UriPartial.Authority)}/";
}
