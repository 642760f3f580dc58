// A model as a web service: an image (PNG, PPM, PGM) goes in, its class and the classes' probabilities come out.
//
//     dotnet fsi scripts/serve.fsx --load cifar10.safetensors --port 8080
//     curl --data-binary @cat.png http://localhost:8080/classify        (or: curl -F image=@cat.png ...)
//
// Without --load it trains a small model on generated images first; without --port it asks itself three times and ends.
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/serve.fsx help

#load "load.fsx"
#load "../artifacts/fovea/aspnet.fsx"

open System
open System.IO
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Fovea

let options = Options.parse "Answers images with the probabilities of their classes, over HTTP." fsi.CommandLineArgs

// ---- The model ----

let small =
    let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2
    input (3, 32, 32) |> block 8 |> block 16 |> flatten |> dense 10

let model =
    match options.Load with
    | Some file -> Script.load file
    | None ->
        let recipe = Script.recipe options { Recipe.standard with Epochs = 1 }
        small |> Model.init options.Seed |> Script.train recipe (Script.generated 2_000 options)

// ---- What is answered ----

let mostBytes = 8L * 1024L * 1024L
let mostPixels = 16_000_000L
let longest = TimeSpan.FromSeconds 10.0

let fault status (sentence: string) = Results.Json ({| error = sentence |}, statusCode = Nullable<int> status)

let answer (bytes: byte[]) =
    match Script.attempt (fun () -> Picture.ofBytes mostPixels bytes |> Picture.asInput model.Pipeline.Input) with
    | Error sentence -> fault 400 sentence
    | Ok image ->
        let names, probabilities = Model.ranked image model |> List.unzip

        Results.Json {|
            ``class`` = names.Head
            probability = probabilities.Head
            probabilities = dict (List.zip names probabilities)
        |}

let body (request: HttpRequest) (stopped: CancellationToken) = task {
    use bytes = new MemoryStream ()

    if request.HasFormContentType then
        let! form = request.ReadFormAsync stopped

        if form.Files.Count > 0 then
            do! form.Files[0].CopyToAsync(bytes, stopped)
    else
        do! request.Body.CopyToAsync (bytes, stopped)

    return bytes.ToArray ()
}

let classify (context: HttpContext) : Task<IResult> = task {
    use limit = CancellationTokenSource.CreateLinkedTokenSource context.RequestAborted
    limit.CancelAfter longest

    try
        let! bytes = body context.Request limit.Token

        return
            if bytes.Length = 0 then
                fault 400 "send an image as the body, or as a file of a form"
            else
                answer bytes
    with
    | :? OperationCanceledException -> return fault 408 $"the image did not arrive within {longest.TotalSeconds} s"
    | :? BadHttpRequestException as wrong ->
        return fault wrong.StatusCode $"{wrong.Message} An image may have {mostBytes:N0} bytes."
    | :? InvalidDataException as wrong -> return fault 400 $"the form cannot be read: {wrong.Message}"
}

// ---- The server ----

let builder = WebApplication.CreateSlimBuilder ()
builder.Logging.ClearProviders () |> ignore

builder.WebHost.ConfigureKestrel (fun kestrel ->
    kestrel.Limits.MaxRequestBodySize <- Nullable mostBytes
    kestrel.Limits.MaxConcurrentConnections <- Nullable 100L)
|> ignore

// As many at once as the machine has cores; some may wait, the others are told to come again.
builder.Services.AddRateLimiter (fun limiter ->
    limiter.RejectionStatusCode <- 503

    limiter.GlobalLimiter <-
        RateLimiting.PartitionedRateLimiter.Create (fun (_: HttpContext) ->
            RateLimiting.RateLimitPartition.GetConcurrencyLimiter (
                "all",
                fun _ ->
                    RateLimiting.ConcurrencyLimiterOptions (PermitLimit = Environment.ProcessorCount, QueueLimit = 64)
            )))
|> ignore

let app = builder.Build ()
app.UseRateLimiter () |> ignore
app.MapPost ("/classify", Func<HttpContext, Task<IResult>> classify) |> ignore

app.MapGet (
    "/",
    Func<IResult>(fun () -> Results.Json {| input = List.ofSeq model.Pipeline.Input; classes = model.Classes |})
)
|> ignore

// 0: a free port of the system's choice.
let port = defaultArg options.Port 0
app.Urls.Add $"http://127.0.0.1:{port}"

// ---- Until Ctrl-C, or once for oneself ----

let ask () =
    use client = new HttpClient (BaseAddress = Uri (Seq.head app.Urls))

    let post what (content: byte[]) =
        use request = new HttpRequestMessage (HttpMethod.Post, "/classify", Content = new ByteArrayContent (content))
        // So that what is refused need not be sent.
        request.Headers.ExpectContinue <- Nullable true
        let response = client.Send request
        printfn $"{what}: {int response.StatusCode} {response.Content.ReadAsStringAsync().Result}"

    let file = Path.ChangeExtension (Path.GetTempFileName (), ".png")
    Data.image 0 (snd (Generated.load (1, options.Seed))) |> Picture.photo |> Picture.save file
    post "an image" (File.ReadAllBytes file)
    post "no image" "hello"B
    post "too much" (Array.zeroCreate (int mostBytes + 1))
    File.Delete file

if options.Port.IsSome then
    printfn $"http://127.0.0.1:{port}/classify takes images; Ctrl-C ends it."
    app.Run ()
else
    app.StartAsync().Wait()
    ask ()
    app.StopAsync().Wait()
