<?php

use App\Http\Controllers\AnswerController;
use App\Http\Controllers\FileController;
use App\Http\Controllers\GreetingController;
use App\Http\Controllers\NoteController;
use Illuminate\Support\Facades\Route;

// The page with the forms.
Route::view('/', 'index');

Route::get('/hello/{name}', [GreetingController::class, 'hello']);
Route::post('/greetings', [GreetingController::class, 'greet']);
Route::get('/search', [GreetingController::class, 'search']);

Route::post('/notes', [NoteController::class, 'store']);
Route::delete('/notes/{note}', [NoteController::class, 'destroy']);

Route::post('/uploads', [FileController::class, 'upload']);
Route::get('/download', [FileController::class, 'download']);

Route::get('/books', [AnswerController::class, 'books']);
Route::get('/cookies', [AnswerController::class, 'cookies']);
Route::get('/slow/{milliseconds}', [AnswerController::class, 'slow']);
Route::get('/stream', [AnswerController::class, 'stream']);
Route::get('/broken', [AnswerController::class, 'broken']);

// A redirect.
Route::redirect('/moved', '/hello/again', 302);
