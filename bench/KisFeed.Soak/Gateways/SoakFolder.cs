namespace KisFeed.Soak.Gateways;

/// <summary>What lies where in the folder of a soak of the gateway.</summary>
internal static class SoakFolder
{
    public static string TokensOf(string folder) => Path.Combine(folder, "tokens.json");

    public static string CaptureOf(string folder) => Path.Combine(folder, "capture");

    public static string LogOf(string folder) => Path.Combine(folder, "gateway.log");
}
