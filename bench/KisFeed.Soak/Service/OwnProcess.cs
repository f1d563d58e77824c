using System.Diagnostics;

namespace KisFeed.Soak.Service;

/// <summary>This program once more, with another verb: what it serves must not take from what is measured.</summary>
internal static class OwnProcess
{
    /// <summary>How to start it. It ends when its input does.</summary>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments)
    {
        // Either the program's own executable, or dotnet with the program as its first argument.
        var program = Path.Combine(AppContext.BaseDirectory, "KisFeed.Soak.dll");
        var file = Environment.ProcessPath ?? "dotnet";
        var isHost = Path.GetFileNameWithoutExtension(file).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(file, isHost ? [program, .. arguments] : arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
    }
}
