// What every script loads: Fovea, from the folder that `dotnet fsi build.fsx build` makes.
// "Unable to find the file ... Fovea.Core.dll" (FS0078) means that it has not been built yet.

#I "../artifacts/fovea"
#r "MathNet.Numerics.dll"
#r "Spectre.Console.dll"
#r "Argu.dll"
#r "FsCheck.dll"
#r "Fovea.Core.dll"
#r "Fovea.Pipelines.dll"
#r "Fovea.Invariants.dll"

// Core's values print themselves; the REPL has to be told to ask them.
fsi.AddPrinter (fun (shape: Fovea.Shape) -> string shape)
fsi.AddPrinter (fun (tensor: Fovea.Tensor) -> "\n" + string tensor)
fsi.AddPrinter (fun (image: Fovea.Image) -> "\n" + Fovea.Picture.display image)
fsi.AddPrinter (fun (chart: Fovea.Chart) -> "\n" + Fovea.Picture.displayChart chart)
fsi.AddPrinter (fun (parameter: Fovea.Parameter) -> string parameter)
fsi.AddPrinter (fun (optimizer: Fovea.Optimizer) -> string optimizer)
fsi.AddPrinter (fun (schedule: Fovea.Schedule) -> string schedule)
fsi.AddPrinter (fun (loss: Fovea.Loss) -> string loss)
fsi.AddPrinter (fun (augmentation: Fovea.Augmentation) -> string augmentation)
