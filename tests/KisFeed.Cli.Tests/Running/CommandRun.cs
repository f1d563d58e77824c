using System.Text;
using System.Text.Json;
using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Tests.Running;

/// <summary>What the command did when it was run within this process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Length == 0 ? [] : Output.TrimEnd('\n').Split('\n');

    public JsonElement[] Objects => [.. Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    public static Task<CommandRun> WithInputAsync(string input, params string[] arguments) => WithInputAsync(Encoding.UTF8.GetBytes(input), arguments);

    public static async Task<CommandRun> WithInputAsync(byte[] input, params string[] arguments)
    {
        using var stream = new MemoryStream(input);
        return await RunAsync(stream, arguments);
    }

    public static Task<CommandRun> OfAsync(params string[] arguments) => RunAsync(Stream.Null, arguments);

    public static async Task<CommandRun> RunAsync(Stream input, string[] arguments, CancellationToken cancellationToken = default)
    {
        using var output = new MemoryStream();
        await using var error = new StringWriter { NewLine = "\n" };
        var host = new CommandHost { Input = input, Output = output, Error = error };
        var code = await CommandLine.RunAsync(arguments, host, cancellationToken);
        return new CommandRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
