using KisFeed.Cli.Decoding;
using KisFeed.Wire.Control;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed decode</c>: decodes raw frames into JSON.</summary>
internal sealed class DecodeCommand : KisFeedCommand
{
    private const string StandardInput = "-";

    private readonly Argument<string> _file = new("FILE")
    {
        Description = "Raw frames, one per line, in UTF-8 or UTF-16, or a capture, compressed or not; blank lines and lines that begin "
            + "with # are skipped. - is standard input.",
        DefaultValueFactory = _ => StandardInput,
    };

    private readonly ChoiceOption<NameStyle> _names = CommonOptions.Names();
    private readonly CatalogOptions _catalog = new();

    private readonly ValueOption<string?> _key = new("--key", "KEY",
        "The key of encrypted frames: the 32 characters from the acknowledgement of their registration.");

    private readonly ValueOption<string?> _iv = new("--iv", "IV", "The IV that came with the key, 16 characters.");

    public DecodeCommand(CommandHost host)
        : base(host, "decode",
            "Decode raw frames into JSON, one object per record; undecodable data becomes {\"error\":…,\"line\":…,\"raw\":…} in its place.")
    {
        _file.RefuseOptions();
        this.AddAll([_file, _names, _key, _iv, .. _catalog.All]);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed decode frames.txt", "every record of a file"),
        ("kisfeed decode --names kis < frames.txt | jq .prpr_nmix", "one column, under the broker's name"),
        ("kisfeed decode --key abcdefghijklmnopabcdefghijklmnop --iv 0123456789abcdef notices.txt", "encrypted order notices"),
        ("kisfeed decode capture/2026-11-20/H0UPCNT0-090000.log.gz", "the frames of a capture file"),
        ("kisfeed decode --layouts new-columns.json frames.txt", "with names for columns that the broker has appended"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "a line or a record could not be decoded; all others were decoded"),
        (ExitCode.Interrupted, "interrupted"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var records = new FrameRecords(_catalog.Read(Host, arguments), new RecordWarnings(Host.Error));
        using var cipher = CreateCipher(arguments.GetValue(_key), arguments.GetValue(_iv));
        await using var input = Open(arguments.GetRequiredValue(_file));
        var output = new LineBuffer(Host.DataOutput);
        var decoder = new FrameLineDecoder(records, _names.Read(arguments), cipher, output);
        using var progress = new Progress(Host, () => $"{decoder.Records:N0} records decoded, {decoder.Errors:N0} errors");

        try
        {
            await using var text = await InputText.OpenAsync(input, cancellationToken);
            await new LineReader(text).ReadAsync(decoder, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            await Host.Error.WriteLineAsync(
                $"kisfeed: the input is damaged after {decoder.Records:N0} records: {e.Message}; 'kisfeed inspect' checks a capture");
            return ExitCode.MalformedData;
        }

        return decoder.Errors == 0 ? ExitCode.Success : ExitCode.MalformedData;
    }

    private static NoticeCipher? CreateCipher(string? key, string? iv)
    {
        if (key is null && iv is null)
            return null;
        if (key is null || iv is null)
            throw new CommandException($"--key and --iv must be used together: {(key is null ? "--key" : "--iv")} is missing");
        var noticeKey = NoticeKey.TryCreate(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(iv))
            ?? throw new CommandException(
                $"--key must have {NoticeKey.KeyLength} characters and --iv {NoticeKey.IvLength}, as in the acknowledgement");
        return new NoticeCipher(noticeKey);
    }

    private Stream Open(string file)
    {
        if (file == StandardInput)
        {
            if (Host.InputIsTerminal)
                Host.Error.WriteLine("Type or paste raw frames, one per line; Ctrl-D (Windows: Ctrl-Z) ends the input.");
            return Host.Input;
        }

        try
        {
            return new FileStream(
                file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0,
                FileOptions.SequentialScan | FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} cannot be read: {e.Message}", e);
        }
    }
}
