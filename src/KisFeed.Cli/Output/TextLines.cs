using System.Text;
using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Output;

/// <summary>Writes lines of text, gathered until they are flushed.</summary>
internal sealed class TextLines(CommandHost host) : IAsyncDisposable
{
    private readonly StreamWriter _output = host.OpenText();

    /// <summary>What has been gathered; to be appended to.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>Passes on what has been gathered.</summary>
    public async ValueTask FlushAsync()
    {
        if (Text.Length == 0)
            return;
        await _output.WriteAsync(Text);
        await _output.FlushAsync();
        Text.Clear();
    }

    public ValueTask DisposeAsync() => _output.DisposeAsync();
}
